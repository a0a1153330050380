"""A database with an owner for migrations and a least-privileged role for the application."""

from typing import Any

import pulumi
from pulumi import dynamic

SECRETS = ("admin_password", "owner_password", "password")
STATE_KEYS = ("host", "port", "name", "user", "owner", "admin", "application_owns_schema", *SECRETS)


class DatabaseProvider(dynamic.ResourceProvider):
    """Makes the roles and the database; every statement can be run again.

    The statements are imported where they are run: the engine starts this with each update, and
    most have none to run.
    """

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make what is missing and set passwords and privileges."""
        from components.dynamic import postgres_statements as statements

        statements.ensure(props)
        return dynamic.CreateResult(props["name"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Another name is another database; the rest can change in place."""
        changed = [key for key in STATE_KEYS if old.get(key) != new[key]]
        moved = [key for key in changed if key == "name"]
        return dynamic.DiffResult(changes=bool(changed), replaces=moved)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Set passwords and privileges again."""
        from components.dynamic import postgres_statements as statements

        statements.ensure(new)
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See a missing database as gone; a server that does not answer tells nothing."""
        from components.dynamic import postgres_statements as statements

        gone = statements.exists(props, id_) is False
        return dynamic.ReadResult("", {}) if gone else dynamic.ReadResult(id_, props)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Drop the database. A server that is gone has taken it along."""
        from components.dynamic import postgres_statements as statements

        statements.drop(props, id_)


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
