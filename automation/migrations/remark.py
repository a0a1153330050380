"""A text that is kept with a database itself: in its comment, after what others have put there.

No dump without `--create` has it, so backups, copies and comparisons know nothing of it; it needs
no table, and the role that owns the database may write it.
"""

from psycopg import sql

from automation.migrations.connection import Target

MARK = "\nslipway: "
"""What comes after it is ours: a line of its own, so that people can tell."""
COMMENT = """\
SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()
"""


def read(owner: Target) -> str | None:
    """Return the text; None where there is none. Raise Blocked where the database refuses."""
    with owner.connect() as connection:
        row = connection.execute(COMMENT).fetchone()
    _, mark, text = str(row[0] or "" if row else "").partition(MARK)
    return text if mark else None


def write(owner: Target, text: str | None) -> None:
    """Put a text in place of the one before, as one change; None for none."""
    with owner.connect() as connection:
        row = connection.execute(COMMENT).fetchone()
        theirs = str(row[0] or "").partition(MARK)[0] if row else ""
        comment = theirs if text is None else f"{theirs}{MARK}{text}"
        statement = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
            sql.Identifier(owner.name), sql.Literal(comment or None)
        )
        connection.execute(statement)
