"""A database with an owner for migrations and a least-privileged role for the application."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pulumi
from psycopg import sql
from pulumi import dynamic

PATIENCE_SECONDS = 60.0
RETRY_SECONDS = 0.1
SECRETS = ("admin_password", "owner_password", "password")
OTHER_DATABASES = ("postgres", "template1")
"""Those that every server has: everybody may connect to them unless it is forbidden."""
STATE_KEYS = ("host", "port", "name", "user", "owner", "admin", "application_owns_schema", *SECRETS)


class DatabaseProvider(dynamic.ResourceProvider):
    """Makes the roles and the database; every statement can be run again."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make what is missing and set passwords and privileges."""
        _ensure(props)
        return dynamic.CreateResult(props["name"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Another name is another database; the rest can change in place."""
        changed = [key for key in STATE_KEYS if old.get(key) != new[key]]
        moved = [key for key in changed if key == "name"]
        return dynamic.DiffResult(changes=bool(changed), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Set passwords and privileges again."""
        _ensure(new)
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See a missing database as gone; a server that does not answer tells nothing."""
        try:
            with _connection(props, "postgres", patience=0) as connection:
                query = "SELECT 1 FROM pg_database WHERE datname = %s"
                found = connection.execute(query, (id_,)).fetchone()
        except psycopg.OperationalError:
            return dynamic.ReadResult(id_, props)
        return dynamic.ReadResult(id_, props) if found else dynamic.ReadResult("", {})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Drop the database. A server that is gone has taken it along."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(id_))
        try:
            with _connection(props, "postgres", patience=0) as connection:
                connection.execute(drop)
        except psycopg.OperationalError:
            return


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


def _ensure(props: dict[str, Any]) -> None:
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


class Database(dynamic.Resource, module="local", name="PostgresDatabase"):
    """A database and its two roles. Passwords are secret."""

    name: pulumi.Output[str]

    def __init__(
        self, name: str, *, properties: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions
    ) -> None:
        """Declare the database; `properties` holds every one of STATE_KEYS."""
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(SECRETS))
        super().__init__(
            DatabaseProvider(), name, dict(properties), pulumi.ResourceOptions.merge(opts, secret)
        )
