"""The internet as a process sees it that is told of a proxy: some names lead here, others out.

For a name that is known, the proxy ends TLS itself, with a certificate for that name.
"""

import contextlib
import http.server
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.world.requests import Answer, Request

Serves = Callable[[Request], Answer]
Names = Callable[[], Mapping[str, Serves]]
"""The names that are known now, and who answers for each."""
Certificates = Callable[[str], ssl.SSLContext]
BUFFER = 65536


class Front(http.server.ThreadingHTTPServer):
    """A proxy on a free port of this machine."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, names: Names, certificates: Certificates) -> None:
        super().__init__(("127.0.0.1", 0), _Proxied)
        self.names, self.certificates = names, certificates
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Return what HTTPS_PROXY is set to."""
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


class _Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer goes out in one piece: else it waits for the client's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Front

    def log_message(self, *_: object) -> None:
        return


class _Proxied(_Quiet):
    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        self.close_connection = True
        if host not in self.server.names():
            self._pass_on(host, int(port))
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        with contextlib.suppress(OSError):
            context = self.server.certificates(host)
            secured = context.wrap_socket(self.connection, server_side=True)
            _Asked(secured, self.client_address, self.server)
            secured.close()

    def _pass_on(self, host: str, port: int) -> None:
        try:
            other = socket.create_connection((host, port), 10)
        except OSError:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        pair = {self.connection: other, other: self.connection}
        with other:
            while True:
                ready, _, _ = select.select([*pair], [], [], 300)
                for end in ready:
                    data = end.recv(BUFFER)
                    if not data:
                        return
                    pair[end].sendall(data)
                if not ready:
                    return


class _Asked(_Quiet):
    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "").partition(":")[0]
        body = self.rfile.read(int(headers.get("content-length") or 0))
        serves = self.server.names().get(host)
        asked = Request(self.command, host, self.path, headers, body)
        answer = serves(asked) if serves else Answer.text(404, f"nobody serves {host}")
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815
