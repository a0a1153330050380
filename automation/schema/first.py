"""The schema of a release that failed where none was live: back again, unless rows were written."""

from collections.abc import Mapping

from automation.context import Context
from automation.databases import content
from automation.databases.content import Table
from automation.databases.schema import BOOKKEEPING
from automation.declare import settle
from automation.migrations.connection import Target
from automation.migrations.journal import Journal
from automation.strategies.recreate import stopped


def untouched(context: Context, note: Journal) -> bool:
    """Stop what failed, and tell whether the tables hold just what the migration made.

    Then nobody loses anything by taking the schema back. Else it is said what keeps it.
    """
    assert context.database is not None
    _stop(context)
    admin = Target.admin(context.database)
    written = _written(note.made or {}, content.observe(admin).tables)
    if not written:
        return True
    told = f"nothing is live, but the schema stays at {note.target}: written since, {written}"
    context.events.note(f"schema: {told}")
    environment = context.environment
    context.facts.short_term.append(
        f"{told}. `./slipway up {environment}` goes on from there; "
        f"`./slipway destroy {environment}` removes all of it."
    )
    return False


def _stop(context: Context) -> None:
    state = stopped(context.declared)
    if state == context.declared:
        return
    before = context.touched
    try:
        settle(context, state, "what failed stops before its schema goes")
    finally:
        context.touched = before


def _written(made: Mapping[str, Table], found: Mapping[str, Table]) -> str:
    """Say how many rows each table has that are not the migration's; nothing where none has."""
    told = []
    for name in sorted({*made, *found} - {BOOKKEEPING}):
        then, now = made.get(name, Table(0, "0")), found.get(name, Table(0, "0"))
        if then.rows != now.rows:
            told.append(f"{name}: {now.rows - then.rows:+} rows")
        elif now.rows and then.checksum != now.checksum:
            told.append(f"{name}: other rows")
    return ", ".join(told)
