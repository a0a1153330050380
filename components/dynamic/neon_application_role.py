"""The role that the application connects as on Neon: it reads and writes rows, no more.

Roles that Neon's API makes may do all that a customer may (they belong to `neon_superuser`), so
this one is made in SQL, by the owner, on the direct connection.
"""

from typing import Any

import pulumi
from pulumi import dynamic

from components.dynamic import neon

SECRETS = ("owner_password", "password")
KEYS = (
    *("host", "port", "sslmode", "database", "owner", "user", "application_owns_schema"),
    *SECRETS,
)


class ApplicationRoleProvider(dynamic.ResourceProvider):
    """Makes the role and its privileges; every statement can be run again.

    The statements are imported where they are run: the engine starts this with each update, and
    most have none to run.
    """

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the role where it is missing, set password and privileges."""
        from components.dynamic import neon_role_statements as statements

        statements.ensure(props)
        return dynamic.CreateResult(props["user"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Another name is another role; the rest can change in place."""
        changes = bool(neon.changed(old, new, KEYS))
        replaces = neon.moved(old, new, ("user",))
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, _old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Set password and privileges again."""
        from components.dynamic import neon_role_statements as statements

        statements.ensure(new)
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See a missing role as gone; a database that does not answer tells nothing."""
        from components.dynamic import neon_role_statements as statements

        gone = statements.exists(props, id_) is False
        return dynamic.ReadResult("", {}) if gone else dynamic.ReadResult(id_, props)

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Drop the role and its privileges. What it owns becomes the owner's: data stays."""
        from components.dynamic import neon_role_statements as statements

        statements.drop(props, id_)


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
