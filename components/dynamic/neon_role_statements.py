"""What is said to a database at Neon, by its owner, for the role of the application."""

from contextlib import AbstractContextManager
from typing import Any

import psycopg
from psycopg import sql

from components.dynamic.postgres_statements import connected, privileges

PATIENCE_SECONDS = 60.0
"""An endpoint that sleeps wakes when it is connected to, and takes a moment."""


def _connection(
    props: dict[str, Any], *, patience: float = PATIENCE_SECONDS
) -> AbstractContextManager[psycopg.Connection]:
    return connected(
        patience,
        host=props["host"],
        port=int(props["port"]),
        user=props["owner"],
        password=props["owner_password"],
        dbname=props["database"],
        sslmode=props["sslmode"],
        connect_timeout=10,
    )


def exists(props: dict[str, Any], name: str) -> bool | None:
    """Tell whether there is a role; None where the database does not answer."""
    try:
        with _connection(props, patience=0) as connection:
            return _exists(connection, name)
    except psycopg.OperationalError:
        return None


def drop(props: dict[str, Any], name: str) -> None:
    """Drop a role, where the database answers: one that is gone has taken it along."""
    role, owner = sql.Identifier(name), sql.Identifier(props["owner"])
    try:
        with _connection(props, patience=0) as connection:
            if _exists(connection, name):
                for statement in (
                    "GRANT {role} TO {owner}",
                    "REASSIGN OWNED BY {role} TO {owner}",
                    "DROP OWNED BY {role}",
                    "DROP ROLE {role}",
                ):
                    connection.execute(sql.SQL(statement).format(role=role, owner=owner))
    except psycopg.OperationalError:
        return


def _exists(connection: psycopg.Connection, name: str) -> bool:
    query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
    return connection.execute(query, (name,)).fetchone() is not None


def ensure(props: dict[str, Any]) -> None:
    """Make the role where it is missing, and set password and privileges."""
    names = {key: sql.Identifier(props[key]) for key in ("owner", "user", "database")}
    with _connection(props) as connection:
        verb = "ALTER" if _exists(connection, props["user"]) else "CREATE"
        # Neon's control plane takes no verifier instead ("Neon only supports being given
        # plaintext passwords"); the connection is encrypted.
        password = sql.Literal(props["password"])
        made = sql.SQL(f"{verb} ROLE {{user}} LOGIN PASSWORD {{password}}")
        connection.execute(made.format(**names, password=password))
        for statement in (
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {user}",
            *privileges(bool(props["application_owns_schema"])),
        ):
            connection.execute(sql.SQL(statement).format(**names))
