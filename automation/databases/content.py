"""What a database holds: its schema, and the rows of every table, as one moment had them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from automation.databases import schema
from automation.migrations.connection import Target

TABLES = """\
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
COLUMNS = """\
SELECT a.attname FROM pg_attribute a
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attname COLLATE "C"
"""
PLAIN = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = "
    "'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'"
)
"""Rows are hashed as text: the text must not depend on what the server is set to."""


@dataclass(frozen=True)
class Table:
    """The rows of a table, counted, and a checksum of them that does not depend on their order.

    `columns` are those that went into it.
    """

    rows: int
    checksum: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """`schema` is normalised (see schema.py); `tables` are named without the schema `public`."""

    schema: str
    tables: Mapping[str, Table]

    @property
    def rows(self) -> dict[str, int]:
        """Return the number of rows of every table."""
        return {name: table.rows for name, table in self.tables.items()}


@dataclass(frozen=True)
class Moment:
    """A snapshot that is held: whatever reads it sees the database as it was then."""

    target: Target
    snapshot: str
    connection: psycopg.Connection

    def content(self, like: Content | None = None) -> Content:
        """Read all of it; of tables that `like` has too, only the columns that it has."""
        shown = schema.dump(self.target, snapshot=self.snapshot)
        return Content(shown, self.tables(like.tables if like else {}))

    def tables(self, like: Mapping[str, Table]) -> dict[str, Table]:
        """Read the rows of every table."""
        tables: dict[str, Table] = {}
        for space, name in self.connection.execute(TABLES).fetchall():
            known = like.get(named(space, name))
            columns = known.columns if known else ()
            tables[named(space, name)] = _table(self.connection, space, name, columns)
        return tables


@contextmanager
def moment(target: Target) -> Iterator[Moment]:
    """Hold a snapshot. Raise Blocked where the database refuses connections."""
    with target.connect(autocommit=False) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(PLAIN)
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield Moment(target, str(row[0]), connection)
        connection.rollback()


def observe(target: Target, like: Content | None = None) -> Content:
    """Return what a database holds now; of tables that `like` has too, only its columns."""
    with moment(target) as now:
        return now.content(like)


def row_counts(target: Target) -> dict[str, int]:
    """Return the number of rows of every table, counted now."""
    with target.connect() as connection:
        counts = {}
        for space, name in connection.execute(TABLES).fetchall():
            statement = sql.SQL("SELECT count(*) FROM ONLY {}").format(sql.Identifier(space, name))
            row = connection.execute(statement).fetchone()
            counts[named(space, name)] = int(row[0]) if row else 0
        return counts


def named(space: str, name: str) -> str:
    """Return how a table is called here: without the schema where that is `public`."""
    return name if space == "public" else f"{space}.{name}"


def differences(expected: Content, found: Content) -> list[str]:
    """List what differs, in words; empty where both are the same."""
    lines = []
    for name in sorted({*expected.tables, *found.tables}):
        one, other = expected.tables.get(name), found.tables.get(name)
        if one is None or other is None:
            lines.append(f"{name}: {'absent' if other is None else 'not expected'}")
        elif one.rows != other.rows:
            lines.append(f"{name}: {one.rows} rows, found {other.rows}")
        elif one != other:
            lines.append(f"{name}: as many rows, but not the same")
    return [*lines, *schema.difference(expected.schema, found.schema)]


def _table(connection: psycopg.Connection, space: str, name: str, wanted: tuple[str, ...]) -> Table:
    # A sum does not depend on the order; 64 bits a row, so that no accident goes unseen. Columns
    # go by name: one that was dropped and added again is at another place.
    table = sql.Identifier(space, name)
    found = connection.execute(COLUMNS, (table.as_string(connection),)).fetchall()
    there = tuple(column for (column,) in found)
    columns = wanted if wanted and {*wanted} <= {*there} else there
    statement = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(ROW({})::text, 0)::numeric), 0)"
        " FROM ONLY {}"
    ).format(sql.SQL(", ").join(map(sql.Identifier, columns)), table)
    row = connection.execute(statement).fetchone()
    assert row is not None
    return Table(int(row[0]), str(row[1]), columns)
