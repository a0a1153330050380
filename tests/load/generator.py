"""Send requests at a steady rate until standard input ends, and account for every one.

Each of the connections is kept alive and sends one request at a time. Nothing is retried: a
request that does not get its whole answer is lost, and so is one answered with a server error.
The only line of output is a JSON object.
"""

import asyncio
import json
import ssl
import sys
import time
from collections import Counter
from itertools import count, cycle

import h11

TIMEOUT_SECONDS = 60.0
"""What takes longer is lost; a machine that stalls for seconds loses nothing."""
SERVER_ERROR = 500
SHOWN = 20


class Generator:
    """All connections share one schedule: the next request that is due goes to whoever is free."""

    def __init__(self, options: dict) -> None:
        self.options = options
        self.context = ssl.create_default_context(cafile=options["ca"])
        self.paths = cycle(options["paths"])
        self.numbers = count()
        self.began = time.monotonic()
        self.ended = asyncio.Event()
        self.answers: Counter[str] = Counter()
        self.releases: Counter[str] = Counter()
        self.last: dict[str, float] = {}
        self.milliseconds: list[float] = []
        self.lost: list[dict] = []

    async def run(self) -> dict:
        """Send until standard input ends."""
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(None, sys.stdin.read)
        workers = [asyncio.create_task(self.work()) for _ in range(self.options["connections"])]
        await waiting
        self.ended.set()
        await asyncio.gather(*workers)
        seconds = time.monotonic() - self.began
        ordered = sorted(self.milliseconds) or [0.0]
        return {
            "sent": sum(self.answers.values()),
            "lost": len(self.lost),
            "seconds": seconds,
            "p50": ordered[len(ordered) // 2],
            "p99": ordered[len(ordered) * 99 // 100],
            "slowest": ordered[-1],
            "answers": self.answers,
            "releases": self.releases,
            "last": self.last,
            "examples": self.lost[:SHOWN],
        }

    async def work(self) -> None:
        """Send what is due over one connection, which is made anew only where it was closed."""
        connection = None
        while not self.ended.is_set():
            due = self.began + next(self.numbers) / self.options["rate"]
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self.ended.is_set():
                break
            path, at = next(self.paths), time.monotonic()
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    connection = connection or await self.connect()
                    status, release = await connection.ask(path, self.options["headers"])
            except Exception as error:  # noqa: BLE001 - whatever it was, the request is lost
                self.note(f"{type(error).__name__}: {error}", path, lost=True)
                connection = connection and connection.close()
                continue
            self.milliseconds.append((time.monotonic() - at) * 1000)
            self.releases[release] += 1
            self.last[release] = time.time()
            self.note(str(status), path, lost=status >= SERVER_ERROR)
            if not connection.reusable():
                connection = connection.close()
        if connection is not None:
            connection.close()

    async def connect(self) -> "Connection":
        """Open a connection to the address, by the name of the host."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1",
            self.options["port"],
            ssl=self.context,
            server_hostname=self.options["host"],
        )
        return Connection(reader, writer)

    def note(self, what: str, path: str, *, lost: bool) -> None:
        """Count an answer, or what came in its place."""
        self.answers[what] += 1
        if lost:
            self.lost.append({"at": time.time(), "path": path, "what": what})


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.state = h11.Connection(h11.CLIENT)

    async def ask(self, path: str, headers: dict[str, str]) -> tuple[int, str]:
        """Send a GET request, read the whole answer, and return its status and its release.

        Raise where it is not whole.
        """
        request = h11.Request(method="GET", target=path, headers=list(headers.items()))
        self.writer.write(self.state.send(request) + self.state.send(h11.EndOfMessage()))
        status, release = 0, ""
        while True:
            event = self.state.next_event()
            if event is h11.NEED_DATA:
                self.state.receive_data(await self.reader.read(65536))
            elif isinstance(event, h11.Response):
                status = event.status_code
                release = dict(event.headers).get(b"x-slipway-release", b"").decode()
            elif isinstance(event, h11.EndOfMessage):
                return status, release
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionError("closed before the answer")

    def reusable(self) -> bool:
        """Say whether another request may be sent, and begin it."""
        if self.state.our_state is h11.DONE and self.state.their_state is h11.DONE:
            self.state.start_next_cycle()
            return True
        return False

    def close(self) -> None:
        """Close without waiting."""
        self.writer.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(Generator(json.loads(sys.argv[1])).run())))
