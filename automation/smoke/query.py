"""Queries: how a flow looks into the database, and what it gets to compare."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol
from uuid import UUID

Rows = Sequence[Sequence[object]]


class QueryFailed(RuntimeError):
    """The database refused a query, or did not answer in time."""


class Query(Protocol):
    """Runs one statement that changes nothing."""

    def __call__(self, sql: str, parameters: Sequence[object]) -> Rows:
        """Return the rows. `sql` has `%s` for each parameter. Raise QueryFailed."""
        ...


def comparable(rows: Rows) -> list[list[object]]:
    """Return the rows with every value as a specification would write it."""
    return [[_plain(value) for value in row] for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
