"""A role that Neon manages: it may do all that a customer may."""

from typing import Any

import pulumi
from pulumi import dynamic

from clients.neon import roles
from components.dynamic import neon

FIXED = ("project", "branch", "name")


class RoleProvider(dynamic.ResourceProvider):
    """Makes a role, or adopts the one of that name, and knows its password."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the role, or find it; a password that Neon does not keep becomes a new one."""
        api, place = neon.api(), _place(props)
        roles.ensure_role(api, *place)
        password = roles.password(api, *place) or roles.new_password(api, *place)
        return dynamic.CreateResult(props["name"], {**props, "password": password})

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Neon renames no role: another name is another role."""
        changes = bool(neon.changed(old, new, FIXED))
        replaces = neon.moved(old, new, FIXED)
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Nothing of a role changes in place; the password stays."""
        return dynamic.UpdateResult({**new, "password": old["password"]})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See the password that holds; a role that is not there is gone."""
        api, place = neon.api(), _place(props)
        if roles.role(api, *place) is None:
            return dynamic.ReadResult("", {})
        password = roles.password(api, *place) or props.get("password")
        return dynamic.ReadResult(id_, {**props, "password": password})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the role. Neon refuses while it owns a database."""
        roles.delete_role(neon.api(), *_place(props))


def _place(props: dict[str, Any]) -> tuple[str, str, str]:
    return props["project"], props["branch"], props["name"]


class Role(dynamic.Resource, module="neon", name="Role"):
    """A role. Its password is secret."""

    password: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        project: pulumi.Input[str],
        branch: pulumi.Input[str],
        role: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the role called `role`."""
        inputs = {"project": project, "branch": branch, "name": role, "password": None}
        secret = pulumi.ResourceOptions(
            additional_secret_outputs=["password"], delete_before_replace=True
        )
        super().__init__(RoleProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, secret))
