"""What the engine told while it worked, recorded: the only evidence where it then fails."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automation.engine.complaints import complaint

if TYPE_CHECKING:
    from pulumi.automation import EngineEvent

OnLine = Callable[[str], None]
QUIET = ("same", "read", "refresh")
DEFAULT_PROVIDER = re.compile(r"::pulumi:providers:[^:]+::default[^:]*$")
"""What the engine makes for itself, and does not count either."""


@dataclass
class Update:
    """What an update or a preview did or would do, recorded while it ran.

    `changes` counts operations by name; `resources` lists those that differ as (operation, URN).
    """

    changes: dict[str, int] = field(default_factory=dict)
    resources: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    on_line: OnLine | None = None

    def __call__(self, event: "EngineEvent") -> None:
        """Record an event: never raise, never decide (it runs on a thread of the engine's)."""
        if (before := event.resource_pre_event) is not None:
            operation = str(getattr(before.metadata.op, "value", before.metadata.op))
            if operation not in QUIET and not DEFAULT_PROVIDER.search(before.metadata.urn):
                self.resources.append((operation, before.metadata.urn))
                if self.on_line is not None:
                    self.on_line(f"{operation} {before.metadata.urn.rsplit('::', 1)[-1]}")
        elif (note := event.diagnostic_event) is not None and note.severity == "error":
            self.problems.append(complaint(note.urn, told(note.message)))
        elif (summary := event.summary_event) is not None:
            counts = summary.resource_changes or {}
            self.changes = {str(getattr(k, "value", k)): v for k, v in counts.items()}

    def counted(self) -> str:
        """Say how many resources differ, by operation; nothing where none does."""
        counts = self.changes.items()
        return ", ".join(f"{number} {name}" for name, number in counts if name not in QUIET)

    @property
    def changed(self) -> bool:
        """Tell whether anything but outputs differed."""
        return any(n for operation, n in self.changes.items() if operation not in QUIET)


def without_colour(text: str) -> str:
    """Remove the engine's colour marks and terminal sequences."""
    return re.sub(r"<\{%.*?%\}>|\x1b\[[0-9;]*m", "", text)


def told(message: str) -> str:
    """Reduce an error of a provider to what it says, without where in the code it was said."""
    lines = without_colour(message).strip().splitlines()
    if not any(line.startswith("Traceback (most recent") for line in lines):
        return "\n".join(lines)
    inside = [n for n, line in enumerate(lines) if line.startswith("  ")]
    frames = [n for n in inside if lines[n].lstrip().startswith("File ")]
    after = [
        n for n in range(frames[-1] if frames else 0, len(lines)) if not lines[n][:1].isspace()
    ]
    telling = lines[after[0] :] if after else lines[-1:]
    return "\n".join(re.sub(r"^\w+(\.\w+)*(Error|Exception): ", "", line) for line in telling)


def said(text: str) -> str:
    """Reduce what the engine printed to the lines that say what went wrong."""
    lines = [line.strip() for line in without_colour(text).splitlines()]
    telling = [line for line in lines if "error" in line.lower()]
    return "\n".join(telling[-5:] or [line for line in lines if line][-5:])
