"""What is said to a server for a database, its owner and the role of the application."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

PATIENCE_SECONDS = 60.0
RETRY_SECONDS = 0.1
OTHER_DATABASES = ("postgres", "template1")
"""Those that every server has: everybody may connect to them unless it is forbidden."""


@contextlib.contextmanager
def connected(patience: float, **options: Any) -> Iterator[psycopg.Connection]:
    """Connect, trying again for `patience` seconds. Raise psycopg.OperationalError beyond."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection = psycopg.connect(autocommit=True, **options)
            break
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)
    with connection:
        yield connection


def _connection(
    props: dict[str, Any], database: str, *, patience: float = PATIENCE_SECONDS
) -> contextlib.AbstractContextManager[psycopg.Connection]:
    return connected(
        patience,
        host=props["host"],
        port=int(props["port"]),
        user=props["admin"],
        password=props["admin_password"],
        dbname=database,
        connect_timeout=5,
    )


def ensure(props: dict[str, Any]) -> None:
    """Make what is missing of roles and database, and set passwords and privileges."""
    name, owner, user = (sql.Identifier(props[key]) for key in ("name", "owner", "user"))
    with _connection(props, "postgres") as connection:
        for role in ("owner", "user"):
            _ensure_role(
                connection, props[role], props["owner_password" if role == "owner" else "password"]
            )
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, (props["name"],)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
        revoke = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC")
        for database in (props["name"], *OTHER_DATABASES):
            connection.execute(revoke.format(sql.Identifier(database)))
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, user)
        )
    with _connection(props, props["name"]) as connection:
        for statement in privileges(bool(props["application_owns_schema"])):
            connection.execute(sql.SQL(statement).format(owner=owner, user=user))


def exists(props: dict[str, Any], name: str) -> bool | None:
    """Tell whether there is a database; None where the server does not answer."""
    try:
        with _connection(props, "postgres", patience=0) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, (name,)).fetchone() is not None
    except psycopg.OperationalError:
        return None


def drop(props: dict[str, Any], name: str) -> None:
    """Drop a database, where the server answers: one that is gone has taken it along."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    try:
        with _connection(props, "postgres", patience=0) as connection:
            connection.execute(statement)
    except psycopg.OperationalError:
        return


def _ensure_role(connection: psycopg.Connection, name: str, password: str) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    verb = "ALTER" if exists else "CREATE"
    statement = sql.SQL(f"{verb} ROLE {{}} LOGIN PASSWORD {{}}")
    # The server may log a statement that fails or is slow: it sees the verifier only.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(statement.format(sql.Identifier(name), sql.Literal(verifier)))


def privileges(application_owns_schema: bool) -> list[str]:
    """List the statements that give `owner` the schema and `user` its rows."""
    common = [
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {user}",
    ]
    if application_owns_schema:
        return [*common, "GRANT CREATE ON SCHEMA public TO {user}"]
    rows = "SELECT, INSERT, UPDATE, DELETE"
    sequences = "USAGE, SELECT, UPDATE"
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT"
    return [
        *common,
        "REVOKE CREATE ON SCHEMA public FROM {user}",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA public TO {{user}}",
        f"GRANT {sequences} ON ALL SEQUENCES IN SCHEMA public TO {{user}}",
        f"{default} {rows} ON TABLES TO {{user}}",
        f"{default} {sequences} ON SEQUENCES TO {{user}}",
    ]
