"""The fake's HTTP: keys, locks, faults that were asked for, and which path means what."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from tests.doubles.closing import Closing
from tests.doubles.neon import branching, rules
from tests.doubles.neon.model import Json, Project
from tests.doubles.neon.rules import ApiError
from tests.doubles.neon.service import Service
from tests.doubles.web import HANG_UP, Asked, Reply, Web

KEY = "napi_sentinel_of_the_fake"
BASE = "/api/v2"
CONTROL = "/_fake"
MUTATIONS = ("POST", "PATCH", "PUT", "DELETE")
CONFLICT = (
    "project already has running conflicting operations, scheduling of new ones is prohibited"
)
UPDATABLE = {"name", "settings", "default_endpoint_settings", "history_retention_seconds"}


@dataclass
class Fault:
    """The next `times` calls that match fail: with a status, or without an answer where it is 0.

    With `after` the call is carried out first, and its answer lost.
    """

    method: str
    path: str
    status: int = 500
    times: int = 1
    after: bool = False
    retry_after: str = ""

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and bool(re.search(self.path, path))

    def reply(self) -> Reply | None:
        if self.status == 0:
            return HANG_UP
        headers = {"retry-after": self.retry_after} if self.retry_after else {}
        return Reply(self.status, _error("as it was asked to"), headers)


class FakeNeon(Closing):
    """Serves until closed. `url` is what NEON_API_URL is to be, `key` what NEON_API_KEY."""

    def __init__(self, *, key: str = KEY, **limits: Any) -> None:
        self.key = key
        self.service = Service(**limits)
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str]] = []
        self.web = Web(self._answer)
        self.url = f"{self.web.url}{BASE}"

    def close(self) -> None:
        self.web.close()
        self.service.close()

    def fail(self, method: str, path: str, **how: Any) -> None:
        """Let the next calls fail: see Fault. `path` is searched for, a regular expression."""
        self.faults.append(Fault(method, path, **how))

    def fail_operation(self, action: str, error: str = "out of luck") -> None:
        """Let the next operation with that action end as `failed`."""
        self.service.failing.append((action, error))

    def count(self, method: str, path: str) -> int:
        """Return how many calls came that match."""
        return sum(m == method and bool(re.search(path, p)) for m, p in self.calls)

    def remove(self, project: str) -> None:
        """Make room: delete a project without the API."""
        with self.service.lock:
            self.service.delete_project(self.service.projects[project])

    @property
    def projects(self) -> list[Project]:
        return list(self.service.projects.values())

    def _answer(self, asked: Asked) -> Reply | None:
        parts = urlsplit(asked.path)
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            return Reply(401, _error("authorization failed: invalid API key"))
        if parts.path.startswith(CONTROL):
            return self._control(parts.path.removeprefix(CONTROL), asked)
        path = parts.path.removeprefix(BASE)
        fault = next((each for each in self.faults if each.matches(asked.method, path)), None)
        self.calls.append((asked.method, path))
        if fault is not None:
            fault.times -= 1
            if not fault.after:
                return fault.reply()
        query = dict(parse_qsl(parts.query))
        try:
            body = json.loads(asked.body or b"{}")
            with self.service.lock:
                reply = self._carry_out(asked.method, path, query, body)
        except ApiError as error:
            reply = Reply(error.status, _error(error.message, error.code))
        except ValueError:
            reply = Reply(400, _error("the request's body is not JSON"))
        return reply if fault is None else fault.reply()

    def _control(self, path: str, asked: Asked) -> Reply:
        """What a test in another process asks for: faults, and what there is."""
        if path == "/faults":
            self.fail(**asked.json())
        elif path == "/operations":
            self.fail_operation(**asked.json())
        branches = {p.name: [b.name for b in p.branches.values()] for p in self.projects}
        return Reply(200, {"projects": branches, "calls": self.calls})

    def _carry_out(self, method: str, path: str, query: dict[str, str], body: Json) -> Reply:
        segments = tuple(unquote(each) for each in path.strip("/").split("/"))
        if segments[:1] != ("projects",):
            raise ApiError(404, "this endpoint does not exist")
        service = self.service
        if len(segments) == 1:
            return self._projects(method, query, body)
        project = service.find_project(segments[1])
        if method in MUTATIONS and project.busy():
            raise ApiError(423, CONFLICT)
        return Reply(*_in_project(service, project, method, segments[2:], query, body))

    def _projects(self, method: str, query: dict[str, str], body: Json) -> Reply:
        if method == "POST":
            return Reply(201, self.service.create_project(body))
        found = [p.json() for p in self.projects if query.get("search", "") in (p.name + p.id)]
        found = [p for p in found if query.get("org_id") in (None, p.get("org_id"))]
        page, cursor = _page(found, query)
        return Reply(200, {"projects": page, "pagination": {"cursor": cursor}})


def _in_project(
    service: Service,
    project: Project,
    method: str,
    rest: tuple[str, ...],
    query: dict[str, str],
    body: Json,
) -> tuple[int, object]:
    match method, *rest:
        case ["GET"]:
            return 200, {"project": project.json()}
        case ["PATCH"]:
            given = rules.project(rules.fields(body, "project", UPDATABLE))
            for key, value in given.items():
                setattr(project, key, value)
            return 200, {"project": project.json(), "operations": []}
        case ["DELETE"]:
            service.delete_project(project)
            return 200, {"project": project.json()}
        case ["GET", "operations"]:
            newest = [operation.json() for operation in reversed(project.operations)]
            page, cursor = _page(newest, query)
            return 200, {"operations": page, "pagination": {"cursor": cursor}}
        case ["GET", "operations", id_]:
            found = next((each for each in project.operations if each.id == id_), None)
            if found is None:
                raise ApiError(404, "operation not found")
            return 200, {"operation": found.json()}
        case ["GET", "connection_uri"]:
            return 200, branching.connection_uri(service, project, query)
        case ["POST", "endpoints"]:
            return 201, branching.create_endpoint(service, project, body)
        case [_, "endpoints", id_, *more]:
            return _endpoint(service, project, method, id_, more, body)
        case ["GET", "branches"]:
            found = [b.json() for b in project.branches.values() if _named(b, query)]
            page, cursor = _page(found, query)
            return 200, {"branches": page, "pagination": {"next": cursor, "sort_by": "name"}}
        case ["POST", "branches"]:
            return 201, service.create_branch(project, body)
        case ["DELETE", "branches", id_] if id_ not in project.branches:
            return 204, None
        case [_, "branches", id_, *more]:
            return _in_branch(service, project, method, id_, more, body)
    raise ApiError(404, "this endpoint does not exist")


def _endpoint(
    service: Service, project: Project, method: str, id_: str, more: list[str], body: Json
) -> tuple[int, object]:
    endpoint = project.endpoints.get(id_)
    if endpoint is None:
        raise ApiError(404, f"endpoint not found: {id_}")
    match method, *more:
        case ["GET"]:
            return 200, {"endpoint": endpoint.json()}
        case ["PATCH"]:
            return 200, branching.update_endpoint(service, project, endpoint, body)
        case ["DELETE"]:
            return 200, branching.delete_endpoint(service, project, endpoint)
        case ["POST", "start" | "suspend" | "restart" as verb]:
            return 200, branching.move_endpoint(service, project, endpoint, verb)
    raise ApiError(404, "this endpoint does not exist")


def _in_branch(
    service: Service, project: Project, method: str, id_: str, more: list[str], body: Json
) -> tuple[int, object]:
    branch = service.find_branch(project, id_)
    match method, *more:
        case ["GET"]:
            return 200, {"branch": branch.json()}
        case ["PATCH"]:
            return 200, branching.update_branch(service, project, branch, body)
        case ["DELETE"]:
            return 200, branching.delete_branch(service, project, branch)
        case ["POST", "restore"]:
            return 200, branching.restore(service, project, branch, body)
        case ["GET", "endpoints"]:
            found = [e.json() for e in project.endpoints.values() if e.branch_id == id_]
            return 200, {"endpoints": found}
        case ["GET", "roles"]:
            return 200, {"roles": [each.json() for each in branch.roles.values()]}
        case ["POST", "roles"]:
            return 201, branching.create_role(service, project, branch, body)
        case [_, "roles", name, *verb]:
            role = _of(branch.roles, name, "role")
            match method, *verb:
                case ["GET"]:
                    return 200, {"role": role.json()}
                case ["GET", "reveal_password"]:
                    if not project.store_passwords:
                        raise ApiError(412, "passwords are not stored")
                    return 200, {"password": role.password}
                case ["POST", "reset_password"]:
                    return 200, branching.reset_password(service, project, branch, role)
                case ["DELETE"]:
                    return 200, branching.delete_role(service, project, branch, role)
        case ["GET", "databases"]:
            return 200, {"databases": [each.json() for each in branch.databases.values()]}
        case ["POST", "databases"]:
            return 201, branching.create_database(service, project, branch, body)
        case [_, "databases", name]:
            database = _of(branch.databases, name, "database")
            if method == "GET":
                return 200, {"database": database.json()}
            if method == "PATCH":
                return 200, branching.update_database(service, project, branch, database, body)
            if method == "DELETE":
                return 200, branching.delete_database(service, project, branch, database)
    raise ApiError(404, "this endpoint does not exist")


def _of(held: dict[str, Any], name: str, what: str) -> Any:
    if name not in held:
        raise ApiError(404, f"{what} not found: {name}")
    return held[name]


def _named(branch: Any, query: dict[str, str]) -> bool:
    return query.get("search", "") in branch.name + branch.id


def _page(found: list[Any], query: dict[str, str]) -> tuple[list[Any], str | None]:
    """Cut a page out of a list: the cursor is the place of its next entry."""
    start, limit = int(query.get("cursor", 0)), int(query.get("limit", 10))
    after = start + limit
    return found[start:after], str(after) if after < len(found) else None


def _error(message: str, code: str = "") -> Json:
    return {"request_id": str(uuid4()), "code": code, "message": message}
