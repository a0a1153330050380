"""Sessions of the schema's owner that nobody waits for any more."""

from automation.migrations.connection import CALLED, Target

UNNAMED = ""
"""What asyncpg calls itself: it reads no PGAPPNAME."""


def end_sessions(owner: Target) -> None:
    """End what a killed driver's Alembic may still be doing.

    The application has a role of its own. A person who uses this one has a client with a name.
    """
    with owner.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE usename = current_user AND datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle' AND application_name = ANY(%s)",
            ([CALLED, UNNAMED],),
        )
