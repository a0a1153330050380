"""Branches: copies of a database that share what did not change."""

from clients.neon import operations
from clients.neon.errors import NotFound
from clients.neon.transport import Api, Json


def listed(api: Api, project: str) -> list[Json]:
    """List the branches of a project."""
    return list(api.pages(f"/projects/{project}/branches", "branches"))


def find(api: Api, project: str, name: str) -> Json | None:
    """Return the branch of exactly that name, or None."""
    found = api.pages(f"/projects/{project}/branches", "branches", search=name)
    return next((branch for branch in found if branch["name"] == name), None)


def get(api: Api, project: str, branch: str) -> Json | None:
    """Return a branch by its id, or None where there is none."""
    try:
        return dict(api.get(f"/projects/{project}/branches/{branch}")["branch"])
    except NotFound:
        return None


def default(api: Api, project: str) -> Json:
    """Return the project's default branch."""
    return next(branch for branch in listed(api, project) if branch["default"])


def ensure(
    api: Api, project: str, name: str, *, parent: str | None = None, endpoint: Json | None = None
) -> Json:
    """Return the branch of that name, made of the parent's newest data where there is none.

    `parent` is the id of a branch, the default one where None. With `endpoint`, the settings of a
    compute endpoint, one is made along with a new branch.
    """
    body: Json = {"branch": {"name": name, **({"parent_id": parent} if parent else {})}}
    if endpoint is not None:
        body["endpoints"] = [endpoint]

    def make() -> Json:
        answer = api.call("POST", f"/projects/{project}/branches", body)
        made = dict(answer["branch"])
        operations.finish(api, answer, lambda: delete(api, project, made["id"]))
        return made

    branch, made = operations.ensured(api, lambda: find(api, project, name), make)
    if not made:
        operations.settle(api, project)
    # What came with the answer to the creation is older than the operations.
    return get(api, project, branch["id"]) or branch


def delete(api: Api, project: str, branch: str) -> bool:
    """Delete a branch and its endpoints; tell whether it was there."""
    return operations.remove(api, f"/projects/{project}/branches/{branch}")


def restore(api: Api, project: str, branch: str, *, source: str, preserve: str) -> None:
    """Put the newest data of another branch in place of a branch's own.

    What it held is kept in a branch called `preserve`. The endpoints stay, their connections
    are dropped. Run again after a lost answer, it is not done twice.
    """

    def kept() -> Json | None:
        return find(api, project, preserve)

    def make() -> Json:
        body = {"source_branch_id": source, "preserve_under_name": preserve}
        answer = api.call("POST", f"/projects/{project}/branches/{branch}/restore", body)
        operations.wait(api, answer.get("operations", ()))
        return dict(answer["branch"])

    _, made = operations.ensured(api, kept, make)
    if not made:
        operations.settle(api, project)


def rename(api: Api, project: str, branch: str, name: str) -> None:
    """Give a branch another name."""
    path = f"/projects/{project}/branches/{branch}"
    operations.change(api, "PATCH", path, {"branch": {"name": name}})
