"""One migration of a database at a time, whoever starts it: a lock that dies with its holder."""

import contextlib
from collections.abc import Iterator

import psycopg

from automation.errors import Busy
from automation.migrations.connection import Target

KEY = int.from_bytes(b"slipway", "big")
"""The advisory lock's number, the same in every database; the server keeps them apart."""
PREFIX = "slipway migration by "
NAME_BYTES = 63
"""PostgreSQL cuts names off there (NAMEDATALEN)."""
HOLDER = """\
SELECT a.application_name, a.pid, a.backend_start::timestamptz(0)::text
FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
  AND (l.classid::bigint << 32) | l.objid::bigint = %s AND l.objsubid = 1
"""


@contextlib.contextmanager
def migration_lock(owner: Target, holder: str) -> Iterator[None]:
    """Hold the lock, on a connection of its own. Raise Busy naming whoever else holds it.

    A restore that replaces the database takes the lock along: the rest of its deployment runs
    without it.
    """
    called = f"{PREFIX}{holder}".encode()[:NAME_BYTES].decode(errors="ignore")
    with owner.connect(called=called) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,)).fetchone()
        if row is None or not row[0]:
            raise Busy(
                f"the schema of {owner.name} is being changed: {_holder(connection)}",
                hint="Wait for it to end; its lock is freed when its process ends, however "
                "it ends.",
            )
        yield


def _holder(connection: psycopg.Connection) -> str:
    row = connection.execute(HOLDER, (KEY,)).fetchone()
    if row is None:
        return "by somebody who has just ended"
    return f"{row[0] or 'by somebody without a name'}, connection {row[1]}, since {row[2]}"
