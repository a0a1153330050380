"""What the fake does with what a project holds: branches, endpoints, roles and databases."""

from urllib.parse import quote

from psycopg import sql

from tests.doubles.neon import rules
from tests.doubles.neon.cluster import Cluster
from tests.doubles.neon.model import (
    Branch,
    Database,
    Endpoint,
    Json,
    Operation,
    Project,
    Role,
    identity,
    now,
    password,
)
from tests.doubles.neon.rules import ApiError
from tests.doubles.neon.service import ENDPOINT_FIELDS, Planned, Service


def delete_branch(service: Service, project: Project, branch: Branch) -> Json:
    if branch.default or branch.parent_id is None:
        raise ApiError(422, "cannot delete the default or a root branch")
    if branch.protected:
        raise ApiError(422, "branch is protected")
    if project.children(branch):
        raise ApiError(422, "cannot delete branch that has children")

    def work() -> None:
        branch.cluster.remove()
        project.branches.pop(branch.id, None)

    for endpoint in [e for e in project.endpoints.values() if e.branch_id == branch.id]:
        del project.endpoints[endpoint.id]
    planned: Planned = [(Operation(project.id, "delete_timeline", branch.id), work)]
    return {"branch": branch.json(), "operations": service.queue.submit(project, planned)}


def update_branch(service: Service, project: Project, branch: Branch, body: Json) -> Json:
    given = rules.fields(body, "branch", {"name", "protected", "expires_at"})
    if given.get("name", branch.name) != branch.name:
        rules.name(given["name"], "branch name")
        if any(each.name == given["name"] for each in project.branches.values()):
            raise ApiError(409, f"branch with the name {given['name']!r} already exists")
    for key, value in given.items():
        setattr(branch, key, value)
    branch.updated_at = now()
    return {"branch": branch.json(), "operations": []}


def restore(service: Service, project: Project, branch: Branch, body: Json) -> Json:
    rules.known(body, {"source_branch_id", "source_lsn", "source_timestamp", "preserve_under_name"})
    if "source_branch_id" not in body:
        raise ApiError(400, 'field "source_branch_id" is required')
    source = service.find_branch(project, body["source_branch_id"])
    moment = body.get("source_lsn") or body.get("source_timestamp")
    name = body.get("preserve_under_name") or ""
    if source is branch and not moment:
        raise ApiError(400, "source_lsn or source_timestamp is required to restore from itself")
    children = project.children(branch)
    if not name and (children or source is branch):
        raise ApiError(400, "preserve_under_name is required")
    if moment:
        raise ApiError(400, "this fake goes to the newest data only")
    endpoint = project.endpoint_of(branch)
    kept: Branch | None = None
    if name:
        service.free_branch(project, name)
        kept = Branch(project.id, name, branch.cluster, parent_id=branch.parent_id)
        kept.roles = {r.name: Role(kept.id, r.name, r.password) for r in branch.roles.values()}
        kept.databases = {
            d.name: Database(kept.id, d.name, d.owner_name) for d in branch.databases.values()
        }
        project.branches[kept.id] = kept
        for child in children:
            child.parent_id = kept.id
    branch.current_state = "resetting"

    def swap() -> None:
        old = branch.cluster
        running = old.running
        port = old.port
        old.stop()
        branch.cluster = Cluster(service.folder, identity("c-"))
        service.taken_from(source, branch)()
        branch.cluster.port = port
        branch.parent_id, branch.updated_at = source.id, now()
        if kept is None:
            old.remove()
        else:
            old.port, kept.current_state = 0, "ready"
        if running:
            branch.cluster.start()

    planned: Planned = [(Operation(project.id, "create_branch", branch.id), swap)]
    if endpoint is not None:
        planned.append(service.started(project, branch, endpoint))
    operations = service.queue.submit(project, planned)
    return {"branch": branch.json(), "operations": operations}


def create_endpoint(service: Service, project: Project, body: Json) -> Json:
    given = rules.fields(
        body,
        "endpoint",
        {*ENDPOINT_FIELDS, "branch_id", "name", "disabled", "region_id"},
        {"branch_id", "type"},
    )
    rules.compute(given)
    branch = service.find_branch(project, given.pop("branch_id"))
    if given["type"] == "read_write" and project.endpoint_of(branch) is not None:
        raise ApiError(409, "read-write endpoint already exists for the branch")
    given.pop("provisioner", None)
    endpoint = Endpoint(project.id, branch.id, given.pop("region_id", project.region_id), **given)
    planned: Planned = [service.started(project, branch, endpoint)]
    return {"endpoint": endpoint.json(), "operations": service.queue.submit(project, planned)}


def update_endpoint(service: Service, project: Project, endpoint: Endpoint, body: Json) -> Json:
    given = rules.fields(body, "endpoint", {*rules.COMPUTE, "settings", "name", "disabled"})
    rules.compute({**vars(endpoint), **given})

    def work() -> None:
        for key, value in given.items():
            setattr(endpoint, key, value)
        endpoint.updated_at = now()

    planned: Planned = [
        (Operation(project.id, "apply_config", endpoint.branch_id, endpoint.id), work)
    ]
    return {"endpoint": endpoint.json(), "operations": service.queue.submit(project, planned)}


def delete_endpoint(service: Service, project: Project, endpoint: Endpoint) -> Json:
    branch = project.branches[endpoint.branch_id]

    def work() -> None:
        project.endpoints.pop(endpoint.id, None)
        branch.cluster.stop()

    planned: Planned = [(Operation(project.id, "suspend_compute", branch.id, endpoint.id), work)]
    return {"endpoint": endpoint.json(), "operations": service.queue.submit(project, planned)}


def move_endpoint(service: Service, project: Project, endpoint: Endpoint, verb: str) -> Json:
    """Start, suspend or restart; an idle one wakes by a connection, so its server stays."""
    action = "suspend_compute" if verb == "suspend" else "start_compute"

    def work() -> None:
        endpoint.current_state = "idle" if verb == "suspend" else "active"
        if verb in ("suspend", "restart"):
            project.branches[endpoint.branch_id].cluster.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    planned: Planned = [(Operation(project.id, action, endpoint.branch_id, endpoint.id), work)]
    return {"endpoint": endpoint.json(), "operations": service.queue.submit(project, planned)}


def create_role(service: Service, project: Project, branch: Branch, body: Json) -> Json:
    given = rules.fields(body, "role", {"name", "no_login"}, {"name"})
    rules.identifier(given["name"], "role", rules.RESERVED_ROLES)
    if given["name"] in branch.roles:
        raise ApiError(409, f"role {given['name']!r} already exists")
    role = Role(branch.id, given["name"])
    branch.roles[role.name] = role
    planned: Planned = [
        (Operation(project.id, "apply_config", branch.id), lambda: service.make_role(branch, role))
    ]
    operations = service.queue.submit(project, planned)
    return {"role": role.json(revealed=project.store_passwords), "operations": operations}


def reset_password(service: Service, project: Project, branch: Branch, role: Role) -> Json:
    role.password = password()
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(role.name), sql.Literal(role.password)
    )

    def work() -> None:
        service.within(branch, lambda: branch.cluster.execute(statement))

    planned: Planned = [(Operation(project.id, "apply_config", branch.id), work)]
    operations = service.queue.submit(project, planned)
    return {"role": role.json(revealed=True), "operations": operations}


def delete_role(service: Service, project: Project, branch: Branch, role: Role) -> Json:
    if any(database.owner_name == role.name for database in branch.databases.values()):
        raise ApiError(422, f"role {role.name!r} owns a database")
    del branch.roles[role.name]
    statement = sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role.name))

    def work() -> None:
        service.within(branch, lambda: branch.cluster.execute(statement))

    planned: Planned = [(Operation(project.id, "apply_config", branch.id), work)]
    return {"role": role.json(), "operations": service.queue.submit(project, planned)}


def create_database(service: Service, project: Project, branch: Branch, body: Json) -> Json:
    given = rules.fields(body, "database", {"name", "owner_name"}, {"name", "owner_name"})
    rules.identifier(given["name"], "database", rules.RESERVED_DATABASES)
    if given["name"] in branch.databases:
        raise ApiError(409, f"database {given['name']!r} already exists")
    if given["owner_name"] not in branch.roles:
        raise ApiError(404, f"role not found: {given['owner_name']}")
    database = Database(branch.id, given["name"], given["owner_name"])
    branch.databases[database.name] = database
    planned: Planned = [
        (
            Operation(project.id, "apply_config", branch.id),
            lambda: service.make_database(branch, database),
        )
    ]
    return {"database": database.json(), "operations": service.queue.submit(project, planned)}


def update_database(
    service: Service, project: Project, branch: Branch, database: Database, body: Json
) -> Json:
    given = rules.fields(body, "database", {"owner_name"})
    if given["owner_name"] not in branch.roles:
        raise ApiError(404, f"role not found: {given['owner_name']}")
    database.owner_name = given["owner_name"]
    statement = sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
        sql.Identifier(database.name), sql.Identifier(database.owner_name)
    )

    def work() -> None:
        service.within(branch, lambda: branch.cluster.execute(statement))

    planned: Planned = [(Operation(project.id, "apply_config", branch.id), work)]
    return {"database": database.json(), "operations": service.queue.submit(project, planned)}


def delete_database(service: Service, project: Project, branch: Branch, database: Database) -> Json:
    del branch.databases[database.name]
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
        sql.Identifier(database.name)
    )

    def work() -> None:
        service.within(branch, lambda: branch.cluster.execute(statement))

    planned: Planned = [(Operation(project.id, "apply_config", branch.id), work)]
    return {"database": database.json(), "operations": service.queue.submit(project, planned)}


def connection_uri(service: Service, project: Project, query: dict[str, str]) -> Json:
    for name in ("database_name", "role_name"):
        if name not in query:
            raise ApiError(400, f'parameter "{name}" is required')
    default = next(each for each in project.branches.values() if each.default)
    branch = service.find_branch(project, query.get("branch_id") or default.id)
    endpoint = project.endpoint_of(branch)
    if endpoint is None or branch.cluster.port == 0:
        raise ApiError(404, f"branch {branch.id} has no read-write endpoint")
    role = branch.roles.get(query["role_name"])
    if role is None or query["database_name"] not in branch.databases:
        raise ApiError(404, "role or database not found")
    if not project.store_passwords:
        raise ApiError(412, "passwords are not stored")
    host = endpoint.host(pooled=query.get("pooled") == "true")
    user, secret = quote(role.name, safe=""), quote(role.password, safe="")
    # The wheel's PostgreSQL is made without TLS; the real one says `require`.
    where = f"{host}:{branch.cluster.port}/{quote(query['database_name'], safe='')}"
    return {"uri": f"postgresql://{user}:{secret}@{where}?sslmode=disable"}
