"""What the fake does when it is asked: projects and branches, with real databases."""

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from psycopg import sql

from components.dynamic.privileges import hand_over
from tests.doubles.closing import Closing
from tests.doubles.neon import rules
from tests.doubles.neon.cluster import Cluster
from tests.doubles.neon.model import (
    Branch,
    Database,
    Endpoint,
    Json,
    Operation,
    Project,
    Queue,
    Role,
    Work,
    identity,
    now,
)
from tests.doubles.neon.rules import ApiError

MEMORY, NEEDED_BYTES = Path("/dev/shm"), 2 * 1024**3
PROJECT_FIELDS = {
    *("name", "region_id", "pg_version", "org_id", "store_passwords", "branch", "settings"),
    *("history_retention_seconds", "default_endpoint_settings", "provisioner"),
}
BRANCH_FIELDS = {
    *("name", "parent_id", "parent_lsn", "parent_timestamp", "protected", "archived"),
    *("init_source", "expires_at"),
}
ENDPOINT_FIELDS = {"type", "settings", "provisioner", *rules.COMPUTE}
Planned = list[tuple[Operation, Work]]


class Service(Closing):
    """The state of one account. Methods raise ApiError for what the API refuses."""

    def __init__(
        self, *, seconds: float = 0.1, branch_limit: int = 10, project_limit: int = 20
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="neon-", dir=_place()))
        hand_over(self.folder)
        self.lock, self.closing = threading.RLock(), threading.Event()
        self.branch_limit, self.project_limit = branch_limit, project_limit
        self.projects: dict[str, Project] = {}
        self.failing: list[tuple[str, str]] = []
        self.queue = Queue(self.lock, self.closing.wait, seconds, self._fails)
        self._template = Cluster(self.folder, "template")
        self._template.initialise()

    def close(self) -> None:
        self.closing.set()
        self.queue.open.set()
        with self.lock:
            for project in list(self.projects.values()):
                self.delete_project(project)
            self._template.remove()
        for left in self.folder.iterdir():
            left.unlink()
        self.folder.rmdir()

    def find_project(self, id_: str) -> Project:
        if id_ not in self.projects:
            raise ApiError(404, f"project not found: {id_}")
        return self.projects[id_]

    def create_project(self, body: Json) -> Json:
        given = rules.project(rules.fields(body, "project", PROJECT_FIELDS))
        first = dict(given.pop("branch", {}))
        rules.known(first, {"name", "role_name", "database_name", "annotations"}, "branch.")
        if len(self.projects) >= self.project_limit:
            raise ApiError(422, "projects limit exceeded", "PROJECTS_LIMIT_EXCEEDED")
        given.pop("provisioner", None)
        project = Project(**{"name": "", **given}, branch_limit=self.branch_limit)
        project.name = project.name or project.id
        database = rules.identifier(
            first.get("database_name", "neondb"), "database", rules.RESERVED_DATABASES
        )
        owner = rules.identifier(
            first.get("role_name", f"{database}_owner"), "role", rules.RESERVED_ROLES
        )
        branch = Branch(
            project.id,
            first.get("name", "main"),
            Cluster(self.folder, identity("c-")),
            default=True,
        )
        branch.roles[owner] = Role(branch.id, owner)
        branch.databases[database] = Database(branch.id, database, owner)
        project.branches[branch.id] = branch
        settings = {
            k: v for k, v in project.default_endpoint_settings.items() if k in rules.COMPUTE
        }
        endpoint = Endpoint(project.id, branch.id, project.region_id, **settings)
        project.endpoints[endpoint.id] = endpoint
        self.projects[project.id] = project

        def start() -> None:
            self.start(branch, endpoint)
            self.make_role(branch, branch.roles[owner])
            self.make_database(branch, branch.databases[database])

        planned: Planned = [
            (Operation(project.id, "create_timeline", branch.id), self._from_template(branch)),
            (Operation(project.id, "start_compute", branch.id, endpoint.id), start),
        ]
        operations = self.queue.submit(project, planned)
        return {
            "project": project.json(),
            "branch": branch.json(),
            "endpoints": [endpoint.json()],
            "roles": [role.json(revealed=True) for role in branch.roles.values()],
            "databases": [each.json() for each in branch.databases.values()],
            "connection_uris": [],
            "operations": operations,
        }

    def delete_project(self, project: Project) -> None:
        for branch in project.branches.values():
            branch.cluster.remove()
        del self.projects[project.id]

    def create_branch(self, project: Project, body: Json) -> Json:
        rules.known(body, {"branch", "endpoints", "annotation_value"})
        given = rules.fields(body, "branch", BRANCH_FIELDS)
        wanted = [dict(each) for each in body.get("endpoints") or []]
        for each in wanted:
            rules.known(each, ENDPOINT_FIELDS, "endpoints.")
            rules.compute(each)
        if sum(each.get("type") == "read_write" for each in wanted) > 1:
            raise ApiError(400, "a branch has at most one read_write endpoint")
        default = next(each for each in project.branches.values() if each.default)
        parent = self.find_branch(project, given.get("parent_id") or default.id)
        name = given.get("name") or identity("br-")
        self.free_branch(project, name)
        if given.get("parent_lsn") or given.get("parent_timestamp"):
            raise ApiError(400, "this fake goes to the newest data only")
        branch = Branch(
            project.id,
            name,
            Cluster(self.folder, identity("c-")),
            parent_id=parent.id,
            protected=bool(given.get("protected")),
            expires_at=given.get("expires_at"),
        )
        project.branches[branch.id] = branch
        planned: Planned = [
            (Operation(project.id, "create_branch", branch.id), self.taken_from(parent, branch))
        ]
        endpoints = []
        for each in wanted:
            each.pop("provisioner", None)
            endpoints.append(Endpoint(project.id, branch.id, project.region_id, **each))
            planned.append(self.started(project, branch, endpoints[-1]))
        operations = self.queue.submit(project, planned)
        return {
            "branch": branch.json(),
            "endpoints": [each.json() for each in endpoints],
            "operations": operations,
            "roles": [role.json() for role in parent.roles.values()],
            "databases": [each.json() for each in parent.databases.values()],
        }

    def find_branch(self, project: Project, id_: str) -> Branch:
        if id_ not in project.branches:
            raise ApiError(404, f"branch not found: {id_}")
        return project.branches[id_]

    def free_branch(self, project: Project, name: str) -> None:
        rules.name(name, "branch name")
        if any(each.name == name for each in project.branches.values()):
            raise ApiError(409, f"branch with the name {name!r} already exists")
        if len(project.branches) >= self.branch_limit:
            raise ApiError(422, "branches limit exceeded", "BRANCHES_LIMIT_EXCEEDED")

    def taken_from(self, parent: Branch, branch: Branch) -> Work:
        """Return the work that makes a branch of another one's newest data."""

        def work() -> None:
            branch.parent_timestamp = now()
            if parent.cluster.running:
                found = parent.cluster.execute("SELECT pg_current_wal_lsn()::text")
                branch.parent_lsn = found[0][0]
            port = branch.cluster.port
            branch.cluster = parent.cluster.copy(identity("c-"))
            branch.cluster.port = port
            branch.roles = {
                r.name: Role(branch.id, r.name, r.password) for r in parent.roles.values()
            }
            branch.databases = {
                d.name: Database(branch.id, d.name, d.owner_name) for d in parent.databases.values()
            }
            branch.current_state = "ready"

        return work

    def started(
        self, project: Project, branch: Branch, endpoint: Endpoint
    ) -> tuple[Operation, Work]:
        """Return the operation that starts an endpoint, which belongs to the project from now."""
        project.endpoints[endpoint.id] = endpoint
        operation = Operation(project.id, "start_compute", branch.id, endpoint.id)
        return operation, lambda: self.start(branch, endpoint)

    def start(self, branch: Branch, endpoint: Endpoint) -> None:
        branch.cluster.start()
        endpoint.current_state, endpoint.updated_at = "active", now()

    def make_role(self, branch: Branch, role: Role) -> None:
        made = sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE BYPASSRLS PASSWORD {}").format(
            sql.Identifier(role.name), sql.Literal(role.password)
        )
        member = sql.SQL("GRANT neon_superuser TO {}").format(sql.Identifier(role.name))
        self.within(branch, lambda: branch.cluster.execute(made, member))

    def make_database(self, branch: Branch, database: Database) -> None:
        statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(
            sql.Identifier(database.name), sql.Identifier(database.owner_name)
        )
        self.within(branch, lambda: branch.cluster.execute(statement))

    def within(self, branch: Branch, work: Callable[[], object]) -> None:
        """Do something to a branch's server, started for it where no endpoint runs it."""
        running = branch.cluster.running
        branch.cluster.start()
        work()
        if not running:
            branch.cluster.stop()

    def _from_template(self, branch: Branch) -> Work:
        def work() -> None:
            branch.cluster = self._template.copy(branch.cluster.name)
            branch.current_state = "ready"

        return work

    def _fails(self, action: str) -> str | None:
        for each in self.failing:
            if each[0] == action:
                self.failing.remove(each)
                return each[1]
        return None


def _place() -> Path:
    # In memory where there is room: branches are thousands of small files. Not pytest's folder,
    # as socket paths are limited to about 100 characters.
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED_BYTES:
        return MEMORY
    return Path("/tmp")
