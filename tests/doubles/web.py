"""A real HTTP/1.1 server on this machine, whose answers a function decides."""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.doubles.closing import Closing


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """`body` is sent as JSON unless it is text or bytes. `pieces` are sent one by one."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[], Any] | None = None

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()


HANG_UP = None
"""A reply that closes the connection without a word."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the play."""


class Web(Closing):
    """Serves on a free port until closed; `asked` lists every request."""

    def __init__(
        self,
        respond: Callable[[Asked], Reply | None],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.respond = respond
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._more = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def wait_for(self, count: int, seconds: float = 10) -> None:
        """Wait until that many requests came in."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.asked) >= count, seconds)

    def hang(self) -> Reply:
        """Answer only once the server closes."""
        self.closing.wait(30)
        return Reply(503)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _note(self, asked: Asked) -> None:
        with self._more:
            self.asked.append(asked)
            self._more.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Unbuffered writes would send head and body apart and wait for delayed ACKs.
            wbufsize = 65536
            disable_nagle_algorithm = True

            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
                web._note(asked)
                reply = web.respond(asked)
                if reply is None or web.closing.is_set():
                    self.close_connection = True
                    return
                self.send(reply)

            def send(self, reply: Reply) -> None:
                body = reply.encoded()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if not any(name.lower() == "content-type" for name in reply.headers):
                    kind = "text/html; charset=utf-8" if isinstance(reply.body, str) else None
                    self.send_header("content-type", kind or "application/json")
                if reply.pieces is None:
                    self.send_header("content-length", str(len(body)))
                else:
                    self.close_connection = True
                    self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(body)
                for piece in reply.pieces() if reply.pieces else ():
                    self.wfile.write(piece)
                    self.wfile.flush()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
