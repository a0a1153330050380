"""Roles and databases of a branch, and how to connect to it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from clients.neon import operations
from clients.neon.errors import NotFound, Refused
from clients.neon.transport import Api, Json

PASSWORD_NOT_STORED = 412
POSTGRES_PORT = 5432


@dataclass(frozen=True, repr=False)
class Connection:
    """Where a role connects to a database. The password never shows in a representation."""

    host: str
    port: int
    name: str
    user: str
    password: str
    sslmode: str


def connection(
    api: Api, project: str, branch: str, *, database: str, role: str, pooled: bool
) -> Connection:
    """Return how a role connects to a database of a branch, by way of the pooler or not."""
    uri = api.get(
        f"/projects/{project}/connection_uri",
        branch_id=branch,
        database_name=database,
        role_name=role,
        pooled="true" if pooled else "false",
    )["uri"]
    parts = urlsplit(uri)
    return Connection(
        host=parts.hostname or "",
        port=parts.port or POSTGRES_PORT,
        name=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        # Neon takes no connection without TLS: its URIs say `require`.
        sslmode=parse_qs(parts.query).get("sslmode", ["require"])[0],
    )


def role(api: Api, project: str, branch: str, name: str) -> Json | None:
    """Return a role, or None where there is none."""
    return _one(api, _path(project, branch, "roles", name), "role")


def ensure_role(api: Api, project: str, branch: str, name: str) -> None:
    """Make a role where there is none."""

    def make() -> Json:
        path = f"/projects/{project}/branches/{branch}/roles"
        answer = api.call("POST", path, {"role": {"name": name}})
        operations.wait(api, answer.get("operations", ()))
        return dict(answer["role"])

    operations.ensured(api, lambda: role(api, project, branch, name), make)


def password(api: Api, project: str, branch: str, name: str) -> str | None:
    """Return the password of a role, or None where Neon does not keep it."""
    try:
        return str(api.get(f"{_path(project, branch, 'roles', name)}/reveal_password")["password"])
    except Refused as refused:
        if refused.status != PASSWORD_NOT_STORED:
            raise
        return None


def new_password(api: Api, project: str, branch: str, name: str) -> str:
    """Give a role another password and return it. Connections that it has are dropped."""
    path = _path(project, branch, "roles", name)
    return str(operations.change(api, "POST", f"{path}/reset_password")["role"]["password"])


def delete_role(api: Api, project: str, branch: str, name: str) -> bool:
    """Delete a role; tell whether it was there."""
    return operations.remove(api, _path(project, branch, "roles", name))


def database(api: Api, project: str, branch: str, name: str) -> Json | None:
    """Return a database, or None where there is none."""
    return _one(api, _path(project, branch, "databases", name), "database")


def ensure_database(api: Api, project: str, branch: str, name: str, owner: str) -> Json:
    """Return the database of that name, made where there is none, with this owner."""

    def make() -> Json:
        path = f"/projects/{project}/branches/{branch}/databases"
        body = {"database": {"name": name, "owner_name": owner}}
        answer = api.call("POST", path, body)
        operations.wait(api, answer.get("operations", ()))
        return dict(answer["database"])

    def found() -> Json | None:
        return database(api, project, branch, name)

    known, _ = operations.ensured(api, found, make)
    if known["owner_name"] != owner:
        give_database(api, project, branch, name, owner)
    return known


def give_database(api: Api, project: str, branch: str, name: str, owner: str) -> None:
    """Give a database to another role."""
    path = _path(project, branch, "databases", name)
    operations.change(api, "PATCH", path, {"database": {"owner_name": owner}})


def delete_database(api: Api, project: str, branch: str, name: str) -> bool:
    """Delete a database; tell whether it was there."""
    return operations.remove(api, _path(project, branch, "databases", name))


def _path(project: str, branch: str, kind: str, name: str) -> str:
    return f"/projects/{project}/branches/{branch}/{kind}/{quote(name, safe='')}"


def _one(api: Api, path: str, key: str) -> Json | None:
    try:
        return dict(api.get(path)[key])
    except NotFound:
        return None
