"""Compute endpoints: what listens for connections to a branch."""

from clients.neon import operations
from clients.neon.errors import NotFound
from clients.neon.transport import Api, Json


def of_branch(api: Api, project: str, branch: str) -> Json | None:
    """Return the read-write endpoint of a branch, of which it has at most one, or None."""
    found = api.get(f"/projects/{project}/branches/{branch}/endpoints")["endpoints"]
    return next((dict(each) for each in found if each["type"] == "read_write"), None)


def get(api: Api, project: str, endpoint: str) -> Json | None:
    """Return an endpoint by its id, or None where there is none."""
    try:
        return dict(api.get(f"/projects/{project}/endpoints/{endpoint}")["endpoint"])
    except NotFound:
        return None


def ensure(api: Api, project: str, branch: str, settings: Json) -> tuple[Json, bool]:
    """Return the read-write endpoint of a branch and whether it was made here and now."""

    def make() -> Json:
        body = {"endpoint": {"branch_id": branch, "type": "read_write", **settings}}
        answer = api.call("POST", f"/projects/{project}/endpoints", body)
        made = dict(answer["endpoint"])
        operations.finish(api, answer, lambda: delete(api, project, made["id"]))
        return made

    endpoint, made = operations.ensured(api, lambda: of_branch(api, project, branch), make)
    if not made:
        operations.settle(api, project)
    return endpoint, made


def update(api: Api, project: str, endpoint: str, settings: Json) -> None:
    """Change settings of an endpoint in place."""
    path = f"/projects/{project}/endpoints/{endpoint}"
    operations.change(api, "PATCH", path, {"endpoint": settings})


def delete(api: Api, project: str, endpoint: str) -> bool:
    """Delete an endpoint; tell whether it was there."""
    return operations.remove(api, f"/projects/{project}/endpoints/{endpoint}")
