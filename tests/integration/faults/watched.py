"""A deployment under way, watched closely: every event as soon as it is written."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from automation.polling import SystemClock, wait_until
from tests.integration.tiny import Tiny

EVERY_SECONDS = 0.005
PATIENCE_SECONDS = 900.0
"""What is waited for comes or the driver ends: this only bounds one that hangs."""


@dataclass
class Watched:
    """One `up`, its process and what it has told so far."""

    tiny: Tiny
    process: "subprocess.Popen[str]"
    known: frozenset[Path]
    events: list[dict[str, Any]] = field(default_factory=list)
    _file: Path | None = None
    _read: int = 0
    _given: int = 0

    @classmethod
    def up(cls, tiny: Tiny) -> "Watched":
        """Start a deployment."""
        known = frozenset(tiny.deployments())
        return cls(tiny, tiny.slipway.start("up", "development"), known)

    def fresh(self) -> Iterator[dict[str, Any]]:
        """Yield every event that was not yet given to anybody."""
        self._look()
        while self._given < len(self.events):
            self._given += 1
            yield self.events[self._given - 1]

    def until(self, accept: Callable[[dict[str, Any]], bool]) -> bool:
        """Wait for an event that is accepted; false where the driver ends before there is one."""
        return self.see(lambda: any(accept(event) for event in self.fresh()))

    def see(self, what: Callable[[], bool]) -> bool:
        """Wait until something is so; false where the driver ends before it is."""
        clock = SystemClock()

        def decided() -> bool | None:
            ended = self.ended()
            return True if what() else False if ended else None

        return bool(
            wait_until(
                decided,
                accept=lambda found: found is not None,
                deadline=clock.time() + PATIENCE_SECONDS,
                clock=clock,
                every=EVERY_SECONDS,
            )
        )

    def engine(self) -> psutil.Process | None:
        """Return the engine that the driver runs right now, if any."""
        try:
            children = psutil.Process(self.process.pid).children()
            return next((child for child in children if child.name() == "pulumi"), None)
        except psutil.Error:
            return None

    def ended(self) -> bool:
        """Tell whether the driver has ended."""
        return self.process.poll() is not None

    def _look(self) -> None:
        if self._file is None:
            new = [path for path in self.tiny.deployments() if path not in self.known]
            self._file = new[-1] / "events.jsonl" if new else None
        if self._file is None or not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        self.events += [json.loads(line) for line in whole.splitlines()]
