"""What a downgrade takes along: columns and tables that the newer revisions had added."""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from automation.databases.content import named
from automation.databases.schema import BOOKKEEPING
from automation.migrations.connection import Target

COLUMNS = """\
SELECT n.nspname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""
Column = tuple[str, str, str]


@dataclass(frozen=True)
class Dropped:
    """Columns that go, each with the number of rows that have a value in it."""

    columns: Mapping[str, int]

    def told(self) -> str:
        """Say it in one sentence."""
        if not self.columns:
            return "the downgrade takes no value along"
        told = ", ".join(f"{name} ({rows} values)" for name, rows in self.columns.items())
        return f"the downgrade takes along {told}; the backup of before has them"


def columns(target: Target) -> frozenset[Column]:
    """Return every column of every table."""
    with target.connect() as connection:
        rows = connection.execute(COLUMNS).fetchall()
    return frozenset((a, b, c) for a, b, c in rows if b != BOOKKEEPING)


def between(before: frozenset[Column], after: Target, live: Target) -> Dropped:
    """Return what is gone of a copy, with the values that the live database has in it."""
    gone = sorted(before - columns(after))
    found: dict[str, int] = {}
    with live.connect() as connection:
        for space, table, column in gone:
            count = sql.SQL("SELECT count({}) FROM ONLY {}").format(
                sql.Identifier(column), sql.Identifier(space, table)
            )
            row = connection.execute(count).fetchone()
            if row and row[0]:
                found[f"{named(space, table)}.{column}"] = int(row[0])
    return Dropped(found)
