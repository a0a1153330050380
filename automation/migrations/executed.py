"""What a rehearsal really executed, as the witness has written it down."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automation.migrations.sql import Script, Statement, split


@dataclass(frozen=True, kw_only=True)
class Executed(Script):
    """A revision's statements; `problem` says where they are not all that it executed.

    `seconds` are those from its first statement to the end of its transaction: what Alembic takes
    to start is not a lock's doing. None where nobody knows.
    """

    seconds: float | None = None


def read(answer: Path, clean: Callable[[str], str]) -> Executed:
    """Return what one revision has executed."""
    try:
        found = json.loads(answer.read_text("utf-8"))
    except (OSError, ValueError) as error:
        return Executed(problem=clean(f"nothing is known of what was executed: {error}"))
    statements = tuple(
        Statement(text=each, in_transaction=bool(inside))
        for text, inside in found["statements"]
        for each in split(clean(text))
    )
    more = int(found["more"])
    told = f"{more} more statements were executed that were not looked at" if more else ""
    return Executed(statements=statements, problem=told, seconds=float(found["seconds"]))
