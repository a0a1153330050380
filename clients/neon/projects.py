"""Projects: the unit of region, PostgreSQL version, history and locks."""

from clients.neon import operations
from clients.neon.errors import NotFound
from clients.neon.transport import Api, Json


def find(api: Api, name: str, organization: str = "") -> Json | None:
    """Return the oldest project of exactly that name, or None. `organization` is an id."""
    found = [
        project
        for project in api.pages("/projects", "projects", search=name, org_id=organization or None)
        if project["name"] == name
    ]
    return min(found, key=lambda project: str(project["created_at"])) if found else None


def get(api: Api, project: str) -> Json | None:
    """Return a project by its id, or None where there is none."""
    try:
        return dict(api.get(f"/projects/{project}")["project"])
    except NotFound:
        return None


def ensure(api: Api, wanted: Json) -> Json:
    """Return the project of the wanted name, made where there is none. It is ready then."""

    def make() -> Json:
        answer = api.call("POST", "/projects", {"project": wanted})
        made = dict(answer["project"])
        operations.finish(api, answer, lambda: delete(api, made["id"]))
        return made

    def looked_up() -> Json | None:
        return find(api, wanted["name"], wanted.get("org_id", ""))

    project, made = operations.ensured(api, looked_up, make)
    if not made:
        operations.settle(api, project["id"])
    return project


def update(api: Api, project: str, changed: Json) -> None:
    """Change settings of a project in place."""
    operations.change(api, "PATCH", f"/projects/{project}", {"project": changed})


def delete(api: Api, project: str) -> bool:
    """Delete a project with all that it holds; tell whether it was there."""
    return operations.remove(api, f"/projects/{project}")
