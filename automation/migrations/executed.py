"""What a rehearsal really executed, as the witness has written it down."""

import json
from collections.abc import Callable
from pathlib import Path

from automation.migrations.sql import Script, Statement, split


def read(answer: Path, clean: Callable[[str], str]) -> Script:
    """Return a revision's statements; `problem` says where they are not all that it executed."""
    try:
        found = json.loads(answer.read_text("utf-8"))
    except (OSError, ValueError) as error:
        return Script(problem=clean(f"nothing is known of what was executed: {error}"))
    statements = tuple(
        Statement(text=each, in_transaction=bool(inside))
        for text, inside in found["statements"]
        for each in split(clean(text))
    )
    more = int(found["more"])
    told = f"{more} more statements were executed that were not looked at" if more else ""
    return Script(statements=statements, problem=told)
