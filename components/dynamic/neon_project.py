"""A project of Neon: region, PostgreSQL version and history of one environment's database."""

from typing import Any

import pulumi
from pulumi import dynamic

from clients.neon import projects
from components.dynamic import neon

FIXED = ("region", "postgres_version", "organization")
"""What a project keeps for life: another value is another project."""
CHANGEABLE = ("name", "history_retention_seconds")


class ProjectProvider(dynamic.ResourceProvider):
    """Makes a project with its first branch, role and database, or finds it by its name."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the project, or adopt the one of that name: an answer may have been lost."""
        found = projects.ensure(neon.api(), _wanted(props))
        self._correct(found["id"], _seen(found, props), props)
        return dynamic.CreateResult(found["id"], props)

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """Name and history change in place. What a project began with is no difference later."""
        replaces = neon.moved(old, new, FIXED)
        changes = bool(neon.changed(old, new, (*FIXED, *CHANGEABLE)))
        # The new one is found by name: it must not find the one that is about to be deleted.
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, id_: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Change name and history."""
        self._correct(id_, old, new)
        return dynamic.UpdateResult(new)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See what the project is now; one that is not there is gone."""
        found = projects.get(neon.api(), id_)
        if found is None:
            return dynamic.ReadResult("", {})
        return dynamic.ReadResult(id_, _seen(found, props))

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the project with all its data."""
        projects.delete(neon.api(), id_)

    def _correct(self, id_: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        if neon.changed(old, new, CHANGEABLE):
            history = int(new["history_retention_seconds"])
            settings = {"name": new["name"], "history_retention_seconds": history}
            projects.update(neon.api(), id_, settings)


def _wanted(props: dict[str, Any]) -> dict[str, Any]:
    wanted = {
        "name": props["name"],
        "region_id": props["region"],
        "pg_version": int(props["postgres_version"]),
        "history_retention_seconds": int(props["history_retention_seconds"]),
        "store_passwords": True,
        "branch": {
            "name": props["branch"],
            "role_name": props["role"],
            "database_name": props["database"],
        },
    }
    organization = {"org_id": props["organization"]} if props["organization"] else {}
    return {**wanted, **organization}


def _seen(found: dict[str, Any], props: dict[str, Any]) -> dict[str, Any]:
    return {
        **props,
        "name": found["name"],
        "region": found["region_id"],
        "postgres_version": found["pg_version"],
        "history_retention_seconds": found["history_retention_seconds"],
    }


class Project(dynamic.Resource, module="neon", name="Project"):
    """A project. Its id is the one that Neon gave it."""

    def __init__(
        self,
        name: str,
        *,
        project: pulumi.Input[str],
        region: str,
        postgres_version: int,
        history_retention_seconds: int,
        organization: str,
        first: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the project called `project`.

        `first` names the `branch`, `role` and `database` that it is made with.
        """
        inputs = {
            "name": project,
            "region": region,
            "postgres_version": postgres_version,
            "history_retention_seconds": history_retention_seconds,
            "organization": organization,
            **first,
        }
        once = pulumi.ResourceOptions(delete_before_replace=True)
        super().__init__(ProjectProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, once))
