"""Put a steady load on a public address while something happens behind it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

END_SECONDS = 120
GENERATOR = "tests.load.generator"


@dataclass
class Load:
    """A load under way; its numbers are there once it has ended.

    `sent` counts requests, `lost` those without a whole answer and those answered with a server
    error. `result` is all that the generator says.
    """

    process: "subprocess.Popen[str]"
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Return how many requests were sent."""
        return int(self.result["sent"])

    @property
    def lost(self) -> int:
        """Return how many were not answered, or with a server error."""
        return int(self.result["lost"])

    @property
    def per_second(self) -> float:
        """Return the rate that was reached."""
        return self.sent / float(self.result["seconds"])

    def last(self, release: str) -> float | None:
        """Return when an answer of a release came last, in seconds since the epoch."""
        at = self.result["last"].get(release)
        return None if at is None else float(at)

    def end(self) -> None:
        """Stop sending, wait for the answers under way, and read the numbers."""
        out, err = self.process.communicate("", END_SECONDS)
        assert self.process.returncode == 0, err
        self.result = json.loads(out)


@contextmanager
def load(
    url: str,
    ca: str,
    paths: Sequence[str],
    *,
    rate: int,
    connections: int = 20,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Load]:
    """Send `rate` requests a second over kept-alive connections for as long as the context is."""
    split = urlsplit(url)
    options = {
        "port": split.port,
        "host": split.hostname,
        "ca": ca,
        "paths": list(paths),
        "rate": rate,
        "connections": connections,
        "headers": {"host": split.netloc, **(headers or {})},
    }
    # A process of its own: the tests' interpreter lock would slow it, and it them.
    process = subprocess.Popen(
        [sys.executable, "-m", GENERATOR, json.dumps(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    under_way = Load(process)
    try:
        yield under_way
        under_way.end()
    finally:
        process.kill()
        process.wait()
