"""Which revision a database is at."""

from automation.migrations.connection import Target


def current(target: Target) -> str | None:
    """Return the database's Alembic revision, or None where it has none."""
    with target.connect() as connection:
        row = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if row is None or row[0] is None:
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else None
