"""Sessions of the schema's owner that nobody waits for any more."""

from automation.migrations.connection import Target


def end_sessions(owner: Target) -> None:
    """End what a killed driver's Alembic may still be doing: only migrations use this role."""
    with owner.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE usename = current_user AND datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
