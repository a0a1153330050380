"""Tell a person what happens: live on a terminal, plain lines elsewhere. Talks to stderr."""

import contextlib
import io
import sys
from typing import TextIO, cast

from rich.console import Console
from rich.markup import escape
from rich.status import Status as Spinner

from automation.events import Clean, Status

LABELS = {
    "validate": "validate",
    "build": "build",
    "configure": "configure",
    "plan": "plan",
    "provision": "provision",
    "migrate": "migrate",
    "roll_out": "roll out",
    "verify": "verify",
    "smoke_test": "smoke test",
    "secure": "secure way back",
    "contract": "contract schema",
    "document": "document",
    "watch": "watch",
    "undo": "roll back",
}
MARKS: dict[Status, tuple[str, str]] = {
    "passed": ("✓", "green"),
    "failed": ("×", "red"),
    "skipped": ("·", "dim"),
    "interrupted": ("!", "yellow"),
}


class _Unbroken(io.TextIOBase):
    """A stream whose reader may go away: a rollout is not given up because nobody looks on.

    `slipway up 2>&1 | tee log`: Ctrl-C ends `tee` at once, and the way back has just begun.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding


class Terminal:
    """A listener that prints. NO_COLOR and redirected output are respected by the console."""

    def __init__(self, clean: Clean, stream: TextIO | None = None) -> None:
        self._console = Console(
            file=cast(TextIO, _Unbroken(stream or sys.stderr)), highlight=False, soft_wrap=True
        )
        self._clean = clean
        self._spinner: Spinner | None = None
        self._last = ""

    def started(self, step: str) -> None:
        """Show the step as under way."""
        label = LABELS.get(step, step)
        self._last = ""
        if self._console.is_terminal:
            self._spinner = self._console.status(f"{label} …", spinner="dots")
            self._spinner.start()
        else:
            self._console.print(f"  {label} …", markup=False)

    def progress(self, step: str, text: str) -> None:
        """Show what the step is doing, one line at a time."""
        text = self._clean(text).strip()
        if not text or text == self._last:
            return
        self._last = text
        if self._spinner is not None:
            width = max(20, self._console.width - 24)
            shown = text if len(text) <= width else text[: width - 1] + "…"
            self._spinner.update(f"{LABELS.get(step, step)} [dim]{_plain(shown)}[/dim]")
        elif not self._console.is_terminal:
            self._console.print(f"    {text}", markup=False)

    def finished(self, step: str, status: Status, seconds: float, message: str) -> None:
        """Show how the step ended."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
        mark, style = MARKS[status]
        first = self._clean(message).splitlines()[0] if message else ""
        label = LABELS.get(step, step)
        self._console.print(
            f"[{style}]{mark}[/{style}] {label:<16}[dim]{seconds:6.1f} s[/dim]  {_plain(first)}"
        )

    def note(self, text: str) -> None:
        """Show a note below the step."""
        for line in self._clean(text).splitlines():
            self._console.print(f"    {line}", markup=False)


def _plain(text: str) -> str:
    return escape(text)
