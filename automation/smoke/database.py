"""Queries of a Postgres database, in transactions that cannot write."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from automation.migrations.connection import Target
from automation.smoke.query import QueryFailed, Rows

MOST_ROWS = 1000


@dataclass(frozen=True)
class ReadOnlyDatabase:
    """Runs each query on a connection and in a read-only transaction of its own.

    `seconds` bounds connecting and, again, the statement.
    """

    target: Target
    seconds: int = 10

    def __call__(self, sql: str, parameters: Sequence[object]) -> Rows:
        """Return at most MOST_ROWS rows. Raise QueryFailed without values or the password."""
        try:
            with self._connect() as connection:
                connection.read_only = True
                limit = f"{self.seconds}s"
                connection.execute("select set_config('statement_timeout', %s, true)", (limit,))
                # A prepared statement is a single one: none can follow that ends the transaction.
                cursor = connection.execute(sql, tuple(parameters), prepare=True)
                rows = cursor.fetchmany(MOST_ROWS) if cursor.description else []
                connection.rollback()
                return rows
        except psycopg.Error as error:
            raise QueryFailed(_said(error)) from error

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=self.target.host,
            port=self.target.port,
            dbname=self.target.name,
            user=self.target.user,
            password=self.target.password,
            sslmode=self.target.sslmode,
            connect_timeout=self.seconds,
            application_name="slipway smoke",
        )


def _said(error: psycopg.Error) -> str:
    # Only the primary message: the detail repeats values of rows.
    primary = error.diag.message_primary
    return primary or (str(error).strip().splitlines() or [type(error).__name__])[0]
