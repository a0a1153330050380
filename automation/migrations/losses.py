"""What a restore would lose: the rows that are not in the backup, compared one by one."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from automation.databases.content import COLUMNS, PLAIN, TABLES, named
from automation.migrations.connection import Target

BOOKKEEPING = "alembic_version"


@dataclass(frozen=True)
class Loss:
    """Rows of a table written or changed since the backup, and those removed or changed since.

    A restore loses the first and brings the second back.
    """

    written: int
    removed: int


@dataclass(frozen=True)
class Losses:
    """What a restore would lose, table by table; tables that are the same are left out."""

    tables: Mapping[str, Loss]

    @property
    def written(self) -> int:
        """Return how many rows would be lost."""
        return sum(loss.written for loss in self.tables.values())

    def told(self) -> str:
        """Say it in one sentence."""
        lines = [
            f"{name} {loss.written} written or changed since the backup, {loss.removed} that were "
            "removed or changed come back as they were"
            for name, loss in self.tables.items()
        ]
        return f"rows lost: {'; '.join(lines)}" if lines else "no row is lost"


def lost(live: Target, copy: Target) -> Losses:
    """Compare what is live with a copy of the backup, by the columns that both have.

    A row counts by its content: one that was changed is both written and removed. Columns that
    only one of them has are the migration's and not compared.
    """
    with live.connect(autocommit=False) as here, copy.connect(autocommit=False) as there:
        here.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found: dict[str, Loss] = {}
        for each in (here, there):
            each.execute(PLAIN)
        tables = {*_tables(here), *_tables(there)}
        for space, table in sorted(tables):
            if table == BOOKKEEPING:
                continue
            loss = _loss(here, there, sql.Identifier(space, table))
            if loss.written or loss.removed:
                found[named(space, table)] = loss
        return Losses(found)


def _tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return [(space, name) for space, name in connection.execute(TABLES).fetchall()]


def _loss(here: psycopg.Connection, there: psycopg.Connection, table: sql.Identifier) -> Loss:
    mine, its = _columns(here, table), _columns(there, table)
    if mine is None or its is None:
        return Loss(_count(here, table) if mine else 0, _count(there, table) if its else 0)
    shared = [name for name in mine if name in its]
    hashed = sql.SQL("SELECT hashtextextended(ROW({})::text, 0) FROM ONLY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, shared)), table
    )
    there.execute("CREATE TEMP TABLE IF NOT EXISTS slipway_rows (h bigint)")
    there.execute("TRUNCATE slipway_rows")
    with (
        here.cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(hashed)) as source,
        there.cursor().copy("COPY slipway_rows FROM STDIN") as sink,
    ):
        for block in source:
            sink.write(block)
    rows = sql.SQL("SELECT h FROM slipway_rows")
    written = sql.SQL("SELECT count(*) FROM ({} EXCEPT ALL {}) x").format(rows, hashed)
    removed = sql.SQL("SELECT count(*) FROM ({} EXCEPT ALL {}) x").format(hashed, rows)
    return Loss(_number(there, written), _number(there, removed))


def _columns(connection: psycopg.Connection, table: sql.Identifier) -> list[str] | None:
    quoted = table.as_string(connection)
    if _number(
        connection, sql.SQL("SELECT coalesce(to_regclass({})::oid::bigint, 0)").format(quoted)
    ):
        return [name for (name,) in connection.execute(COLUMNS, (quoted,)).fetchall()]
    return None


def _count(connection: psycopg.Connection, table: sql.Identifier) -> int:
    return _number(connection, sql.SQL("SELECT count(*) FROM ONLY {}").format(table))


def _number(connection: psycopg.Connection, query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
