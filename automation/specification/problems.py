"""What is wrong with a specification: collected, then raised as one error."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.errors import InvalidInput

HINT = "Mend the documents named above and run the command again; nothing was changed."


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: in which file, under which key, and what would be right."""

    file: str
    key: str
    wrong: str
    right: str = ""

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.wrong}; {self.right}" if self.right else f"{where}: {self.wrong}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known key was probably meant, or list the known ones."""
    choices = sorted(known)
    near = difflib.get_close_matches(name.lower(), choices, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(choices)}"


def refuse(app: Path, problems: Sequence[Problem]) -> None:
    """Raise one InvalidInput that lists all problems; return where there are none."""
    lines = tuple(str(problem) for problem in problems)
    if len(lines) == 1:
        raise InvalidInput(lines[0], hint=HINT)
    if lines:
        raise InvalidInput(
            f"the specification of {app} has {len(lines)} problems", hint=HINT, details=lines
        )
