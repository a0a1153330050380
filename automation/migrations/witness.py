"""Runs Alembic and writes down what it really executes. Runs under the application's own Python.

Its text is handed to that interpreter: nothing of Slipway may be imported here, and nothing newer
than Python 3.9 used. Arguments: the file to write, then Alembic's own. What a revision hands to the
driver's own cursor goes past SQLAlchemy, and is not seen.
"""

import json
import re
import sys
import time
from collections.abc import Callable

MOST = 1000
"""Different statements written down; a loop's are one where they differ in their values alone."""
VALUES = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
MARKS = re.compile(r"%\(\w+\)s|%s|\?")
OWN = re.compile(r"\balembic_version\b", re.IGNORECASE)
READS = re.compile(
    r"\s*(?:SELECT|SHOW|SET|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE
)


class Seen:
    """Statements in their order, each with whether it ran inside of a transaction."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, bool]] = []
        self.more = 0
        self.began: float | None = None
        self._known: set[tuple[str, bool]] = set()

    def listen(self) -> "Callable[[], None]":
        """Begin; return what ends it."""
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        def executes(connection, _cursor, text, _values, _context, _many):  # type: ignore[no-untyped-def]
            style = getattr(connection.dialect, "paramstyle", "")
            self.take(plain(text, style), _transaction(connection))

        event.listen(Engine, "before_cursor_execute", executes)
        return lambda: event.remove(Engine, "before_cursor_execute", executes)

    def take(self, text: str, in_transaction: bool) -> None:
        """Take a statement in, unless it only reads, or was there with other values."""
        if self.began is None and not READS.match(text):
            self.began = time.monotonic()
        key = (VALUES.sub("?", text), in_transaction)
        if OWN.search(text) or READS.match(text) or key in self._known:
            return
        self._known.add(key)
        if len(self.statements) < MOST:
            self.statements.append((text, in_transaction))
        else:
            self.more += 1

    def write(self, answer: str) -> None:
        """Write all of it down, as JSON, with the seconds since the first statement."""
        with open(answer, "w", encoding="utf-8") as file:  # noqa: PTH123 (works on any Python)
            seconds = time.monotonic() - self.began if self.began is not None else 0.0
            known = {"statements": self.statements, "more": self.more, "seconds": seconds}
            json.dump(known, file)


def plain(text: str, style: str) -> str:
    """Return a statement with PostgreSQL's own marks for its parameters, and no value."""
    if style not in ("format", "pyformat", "qmark"):
        return text
    numbers = iter(range(1, len(text) + 1))
    marked = MARKS.sub(lambda _mark: f"${next(numbers)}", text)
    return marked.replace("%%", "%") if style != "qmark" else marked


def _transaction(connection) -> bool:  # type: ignore[no-untyped-def]
    # psycopg, psycopg2, pg8000 and SQLAlchemy's adapter of asyncpg all have it.
    pooled = connection.connection
    driver = getattr(pooled, "dbapi_connection", None) or pooled.connection
    return not getattr(driver, "autocommit", False)


def main(answer: str, arguments: "list[str]") -> None:
    """Run Alembic, and write down what it executed, however it ends."""
    from alembic.config import main as alembic

    seen = Seen()
    seen.listen()
    try:
        alembic(argv=arguments, prog="alembic")
    finally:
        seen.write(answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
