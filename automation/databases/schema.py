"""A database's schema as a text that two databases can be compared by."""

import difflib
import re

from automation.databases import tools
from automation.migrations.connection import Target

HEADER = re.compile(r"^--\n-- Name: (?P<name>.*?); Type: (?P<type>.*?); Schema: .*$", re.MULTILINE)
IGNORED = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict.*|)$")
BOOKKEEPING = "alembic_version"
"""Alembic's own table is not the application's: a downgrade to the base leaves it there."""
MOST_LINES = 200


def dump(target: Target, *, snapshot: str | None = None) -> str:
    """Return the schema, normalised. Raise Blocked where it cannot be read."""
    command = ["pg_dump", "--schema-only", "--restrict-key=slipway"]
    if snapshot is not None:
        command.append(f"--snapshot={snapshot}")
    return normalised(tools.run(command, target, f"the schema of {target.name} cannot be read"))


def normalised(text: str) -> str:
    """Return a dump by pg_dump without what differs between equal schemas.

    Entries are sorted, and so are the columns of a table: a downgrade that adds a dropped column
    again can only add it at the end, and no query that names its columns sees the difference.
    """
    headers = list(HEADER.finditer(text))
    ends = [each.start() for each in headers[1:]] + [len(text)]
    entries = [
        (each["name"], each["type"], _entry(text[each.end() : end]))
        for each, end in zip(headers, ends, strict=False)  # a schema without anything has none
    ]
    shown = sorted(
        f"-- {type_}: {name}\n{body}" for name, type_, body in entries if BOOKKEEPING not in name
    )
    return "\n".join(shown)


def _entry(body: str) -> str:
    lines = [line for line in body.splitlines() if not IGNORED.match(line)]
    ends = [at for at, line in enumerate(lines) if line.startswith(")")]
    if ends and lines[0].startswith("CREATE TABLE"):  # who owns it comes after its columns
        columns = sorted(line.rstrip(",") for line in lines[1 : ends[0]])
        lines = [lines[0], *columns, *lines[ends[0] :]]
    return "\n".join(lines)


def difference(expected: str, found: str) -> tuple[str, ...]:
    """Return what differs as the lines of a diff, `-` expected, `+` found; empty where equal."""
    if expected == found:
        return ()
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), n=1, lineterm="")
    return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))[:MOST_LINES]
