"""Which revision a database is at."""

from psycopg import sql

from automation.migrations.connection import Target


def current(target: Target) -> str | None:
    """Return the database's Alembic revision, or None where it has none."""
    with target.connect() as connection:
        row = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if row is None or row[0] is None:
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else None


def row_counts(target: Target) -> dict[str, int]:
    """Return the number of rows of every table of the public schema, counted."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    counts: dict[str, int] = {}
    with target.connect() as connection:
        for (name,) in connection.execute(query).fetchall():
            statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            row = connection.execute(statement).fetchone()
            counts[name] = int(row[0]) if row else 0
    return counts
