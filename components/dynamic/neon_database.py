"""A database of a Neon branch, and where it is connected to."""

from typing import Any

import pulumi
from pulumi import dynamic

from clients.neon import roles
from clients.neon.transport import Api
from components.dynamic import neon

FIXED = ("project", "branch", "name")
WHERE = ("host", "pooled_host", "port", "sslmode")


class DatabaseProvider(dynamic.ResourceProvider):
    """Makes a database, or adopts the one of that name, and asks where it is."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Make the database, or find it."""
        api = neon.api()
        roles.ensure_database(api, *_place(props), props["owner"])
        return dynamic.CreateResult(props["name"], {**props, **_where(api, props)})

    def diff(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.DiffResult:
        """It can be given to another owner."""
        changes = bool(neon.changed(old, new, (*FIXED, "owner")))
        replaces = neon.moved(old, new, FIXED)
        return dynamic.DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, old: dict[str, Any], new: dict[str, Any]) -> dynamic.UpdateResult:
        """Give the database to its owner."""
        api = neon.api()
        if neon.changed(old, new, ("owner",)):
            roles.give_database(api, *_place(new), new["owner"])
        return dynamic.UpdateResult({**new, **_where(api, new)})

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """See owner and place; a database that is not there is gone."""
        api = neon.api()
        found = roles.database(api, *_place(props))
        if found is None:
            return dynamic.ReadResult("", {})
        known = {**props, "owner": found["owner_name"]}
        return dynamic.ReadResult(id_, {**known, **_where(api, known)})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Delete the database with its data."""
        roles.delete_database(neon.api(), *_place(props))


def _place(props: dict[str, Any]) -> tuple[str, str, str]:
    return props["project"], props["branch"], props["name"]


def _where(api: Api, props: dict[str, Any]) -> dict[str, Any]:
    project, branch, name = _place(props)
    direct, pooled = (
        roles.connection(api, project, branch, database=name, role=props["owner"], pooled=each)
        for each in (False, True)
    )
    return {
        "host": direct.host,
        "pooled_host": pooled.host,
        "port": direct.port,
        "sslmode": direct.sslmode,
    }


class Database(dynamic.Resource, module="neon", name="Database"):
    """A database, where to reach it directly and by way of the pooler."""

    host: pulumi.Output[str]
    pooled_host: pulumi.Output[str]
    port: pulumi.Output[int]
    sslmode: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        *,
        project: pulumi.Input[str],
        branch: pulumi.Input[str],
        database: str,
        owner: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Declare the database called `database`."""
        known = {"project": project, "branch": branch, "name": database, "owner": owner}
        inputs = {**known, **dict.fromkeys(WHERE)}
        once = pulumi.ResourceOptions(delete_before_replace=True)
        super().__init__(DatabaseProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, once))
