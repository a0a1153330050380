"""What a deployment tells while it runs: to a person, to a file, to nobody."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

Status = Literal["passed", "failed", "skipped", "interrupted"]


class Listener(Protocol):
    """Somebody who is told. Called from several threads, never with a secret."""

    def started(self, step: str) -> None:
        """Hear that a step begins."""

    def progress(self, step: str, text: str) -> None:
        """Hear what a step is doing now."""

    def finished(self, step: str, status: Status, seconds: float, message: str) -> None:
        """Hear how a step ended."""

    def note(self, text: str) -> None:
        """Hear something that a person should see."""


class Silent:
    """A listener for commands whose answer is the only output."""

    def started(self, step: str) -> None:
        """Say nothing."""

    def progress(self, step: str, text: str) -> None:
        """Say nothing."""

    def finished(self, step: str, status: Status, seconds: float, message: str) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


@dataclass
class EventLog:
    """Writes every event as one line of JSON, flushed at once: a killed driver leaves them.

    Where it cannot write, as on a full disk, nothing is told here and the deployment goes on.
    """

    path: Path
    clean: "Clean"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def started(self, step: str) -> None:
        """Record that a step begins."""
        self._write({"event": "started", "step": step})

    def progress(self, step: str, text: str) -> None:
        """Record what a step is doing now."""
        self._write({"event": "progress", "step": step, "text": text})

    def finished(self, step: str, status: Status, seconds: float, message: str) -> None:
        """Record how a step ended."""
        fields = {"status": status, "seconds": round(seconds, 3), "message": message}
        self._write({"event": "finished", "step": step, **fields})

    def note(self, text: str) -> None:
        """Record a note."""
        self._write({"event": "note", "text": text})

    def _write(self, fields: dict[str, object]) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = self.clean(json.dumps({"at": now, **fields}, ensure_ascii=False))
        # What is only told must not stop a step, least of all one of the way back.
        with self._lock, suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


class Clean(Protocol):
    """Remove secrets from a text."""

    def __call__(self, text: str, /) -> str:
        """Return the text without secrets."""


class StepSkipped(Exception):
    """A step has nothing to do; the message says why."""


@dataclass
class Events:
    """Tells all listeners, and remembers when the step under way began."""

    listeners: list[Listener]
    step_name: str = ""

    @contextmanager
    def step(self, name: str, notes: "StepNotes | None" = None) -> Iterator["StepNotes"]:
        """Tell when a step begins and how it ends. StepSkipped ends it without an error."""
        notes = notes or StepNotes()
        self.step_name, began = name, time.monotonic()
        try:
            for listener in self.listeners:
                listener.started(name)
            yield notes
            notes.status = "passed"
        except StepSkipped as skipped:
            notes.status, notes.message = "skipped", str(skipped)
        except KeyboardInterrupt:
            notes.status, notes.message = "interrupted", "interrupted"
            raise
        except BaseException as error:
            notes.status, notes.message = "failed", str(error)
            raise
        finally:
            notes.seconds = time.monotonic() - began
            for listener in self.listeners:
                listener.finished(name, notes.status, notes.seconds, notes.message)

    def progress(self, text: str) -> None:
        """Tell what the step under way is doing now."""
        for listener in self.listeners:
            listener.progress(self.step_name, text)

    def note(self, text: str) -> None:
        """Tell something that a person should see."""
        for listener in self.listeners:
            listener.note(text)


@dataclass
class StepNotes:
    """What a step leaves behind: `message` is its one-line result, set by the step itself."""

    status: Status = "failed"
    seconds: float = 0.0
    message: str = ""
