"""A listener that remembers what it was told, and may do something at a moment."""

from collections.abc import Callable

from automation.events import Status


class Heard:
    """`finished_steps` has name, status and message of each.

    `at` is called when a step begins, `on_line` with every line of progress.
    """

    def __init__(
        self,
        at: Callable[[str], None] = lambda _step: None,
        on_line: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.at, self.on_line = at, on_line
        self.started_steps: list[str] = []
        self.lines: list[tuple[str, str]] = []
        self.finished_steps: list[tuple[str, Status, str]] = []
        self.notes: list[str] = []

    def started(self, step: str) -> None:
        self.started_steps.append(step)
        self.at(step)

    def progress(self, step: str, text: str) -> None:
        self.lines.append((step, text))
        self.on_line(text)

    def finished(self, step: str, status: Status, seconds: float, message: str) -> None:
        self.finished_steps.append((step, status, message))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def status_of(self, step: str) -> Status | None:
        return next((status for name, status, _ in self.finished_steps if name == step), None)
