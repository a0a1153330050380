"""The role that the application connects as on Neon: it reads and writes rows, no more.

Roles that Neon's API makes may do all that a customer may (they belong to `neon_superuser`), so
this one is made in SQL, by the owner, on the direct connection.
"""

from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pulumi
from psycopg import sql
from pulumi import dynamic

from components.dynamic import neon
from components.dynamic.postgres_database import connected, privileges

PATIENCE_SECONDS = 60.0
"""An endpoint that sleeps wakes when it is connected to, and takes a moment."""
SECRETS = ("owner_password", "password")
KEYS = (
    *("host", "port", "sslmode", "database", "owner", "user", "application_owns_schema"),
    *SECRETS,
)


class ApplicationRoleProvider(dynamic.ResourceProvider):
    """Makes the role and its privileges; every statement can be run again."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the role where it is missing, set password and privileges."""
        _ensure(props)
        return dynamic.CreateResult(props["user"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Another name is another role; the rest can change in place."""
        changes = bool(neon.changed(old, new, KEYS))
        replaces = neon.moved(old, new, ("user",))
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Set password and privileges again."""
        _ensure(new)
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See a missing role as gone; a database that does not answer tells nothing."""
        try:
            with _connection(props, patience=0) as connection:
                found = _exists(connection, id_)
        except psycopg.OperationalError:
            return dynamic.ReadResult(id_, props)
        return dynamic.ReadResult(id_, props) if found else dynamic.ReadResult("", {})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Drop the role and its privileges. What it owns becomes the owner's: data stays."""
        role, owner = sql.Identifier(id_), sql.Identifier(props["owner"])
        try:
            with _connection(props, patience=0) as connection:
                if _exists(connection, id_):
                    for statement in (
                        "GRANT {role} TO {owner}",
                        "REASSIGN OWNED BY {role} TO {owner}",
                        "DROP OWNED BY {role}",
                        "DROP ROLE {role}",
                    ):
                        connection.execute(sql.SQL(statement).format(role=role, owner=owner))
        except psycopg.OperationalError:
            return  # gone with its database


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


def _exists(connection: psycopg.Connection, name: str) -> bool:
    query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
    return connection.execute(query, (name,)).fetchone() is not None


def _ensure(props: dict[str, Any]) -> None:
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


class ApplicationRole(dynamic.Resource, module="neon", name="ApplicationRole"):
    """A least-privileged role. Passwords are secret."""

    user: pulumi.Output[str]

    def __init__(
        self, name: str, *, properties: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions
    ) -> None:
        """Declare the role; `properties` holds every one of KEYS."""
        secret = pulumi.ResourceOptions(
            additional_secret_outputs=list(SECRETS), delete_before_replace=True
        )
        super().__init__(
            ApplicationRoleProvider(),
            name,
            dict(properties),
            pulumi.ResourceOptions.merge(opts, secret),
        )
