"""A listener that keeps the times of what happens, for the incident's timeline."""

from automation.events import Status
from automation.reports.facts import Facts
from automation.reports.wording import duration


class Timeline:
    """Puts steps and notes on the timeline of the facts; progress is in `events.jsonl`."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def started(self, step: str) -> None:
        """Record that a step begins."""
        self._facts.tell("undo" if step == "undo" else "step", f"{step} begins")

    def progress(self, step: str, text: str) -> None:
        """Say nothing."""

    def finished(self, step: str, status: Status, seconds: float, message: str) -> None:
        """Record how a step ended."""
        told = f": {message}" if message else ""
        text = f"{step} {status} after {duration(seconds)}{told}"
        self._facts.tell("undo" if step == "undo" else "step", text)

    def note(self, text: str) -> None:
        """Record a note."""
        self._facts.tell("note", text)
