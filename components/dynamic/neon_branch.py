"""A branch of a Neon project."""

from typing import Any

import pulumi
from pulumi import dynamic

from clients.neon import branches
from components.dynamic import neon

FIXED = ("project", "parent")


class BranchProvider(dynamic.ResourceProvider):
    """Makes a branch, or adopts the one of that name, as the one that a project comes with."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the branch of its parent's newest data, or find it by its name."""
        found = branches.ensure(
            neon.api(), props["project"], props["name"], parent=props["parent"] or None
        )
        return dynamic.CreateResult(found["id"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """A branch can be renamed; it stays in its project, and what it was made of is past."""
        changes = bool(neon.changed(old, new, (*FIXED, "name")))
        replaces = neon.moved(old, new, FIXED)
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, id_: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Rename the branch."""
        if neon.changed(old, new, ("name",)):
            branches.rename(neon.api(), new["project"], id_, new["name"])
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See the branch's name; one that is not there is gone."""
        found = branches.get(neon.api(), props["project"], id_)
        if found is None:
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, {**props, "name": found["name"]})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the branch. The default one goes with its project, never before."""
        api = neon.api()
        found = branches.get(api, props["project"], id_)
        if found is not None and not found["default"]:
            branches.delete(api, props["project"], id_)


class Branch(dynamic.Resource, module="neon", name="Branch"):
    """A branch. Its id is the one that Neon gave it."""

    def __init__(
        self,
        name: str,
        *,
        project: pulumi.Input[str],
        branch: str,
        parent: str = "",
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the branch called `branch`; `parent` is an id, empty for the default branch."""
        once = pulumi.ResourceOptions(delete_before_replace=True)
        super().__init__(
            BranchProvider(),
            name,
            {"project": project, "name": branch, "parent": parent},
            pulumi.ResourceOptions.merge(opts, once),
        )
