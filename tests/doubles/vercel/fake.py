"""Vercel over HTTP: the API, and for the names of deployments and aliases what they serve."""

import json
import re
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.doubles.closing import Closing
from tests.doubles.vercel.edge import Site, replied
from tests.doubles.vercel.faults import Fault, error
from tests.doubles.vercel.model import ApiError, Deployment, Json
from tests.doubles.vercel.service import Service, bad
from tests.doubles.web import Asked, Reply, Web

TOKEN = "vcp_sentinel_of_the_fake"
BYPASS_HEADER = "x-vercel-protection-bypass"
CONTROL = "/_fake"


class FakeVercel(Closing):
    """Serves until closed. `url` is what VERCEL_API_URL is to be, `token` what VERCEL_API_TOKEN.

    A request whose Host is that of a deployment or an alias is answered by what was deployed.
    `others` are the projects that the provider plugin's double has made, names by their ids.
    """

    def __init__(
        self, *, token: str = TOKEN, others: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self.token, self.service = token, Service(others)
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str]] = []
        self._lock = threading.RLock()
        self._folder = tempfile.TemporaryDirectory(prefix="vercel-")
        self._sites: dict[str, Site] = {}
        self.web = Web(self._answer)
        self.url = self.web.url

    def close(self) -> None:
        self.web.close()
        for site in self._sites.values():
            site.close()
        self._folder.cleanup()

    def fail(self, method: str, path: str, **how: Any) -> None:
        """Let the next calls fail: see Fault. `path` is searched for, a regular expression."""
        self.faults.append(Fault(method, path, **how))

    def throttle(self, method: str, path: str, seconds: int = 1) -> None:
        """Refuse the next call until a moment some seconds away."""
        reset = {"x-ratelimit-reset": str(int(time.time()) + seconds)}
        self.fail(method, path, status=429, headers=reset)

    def count(self, method: str, path: str) -> int:
        """Return how many calls came that match."""
        return sum(m == method and bool(re.search(path, p)) for m, p in self.calls)

    def site(self, deployment: Deployment) -> Site:
        """Return what serves a deployment, its files laid out."""
        if deployment.id not in self._sites:
            folder = Path(self._folder.name) / deployment.id
            for path, file in deployment.files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(self.service.files[file["sha"]])
            self._sites[deployment.id] = Site(folder)
        return self._sites[deployment.id]

    def _answer(self, asked: Asked) -> Reply | None:
        host = asked.headers.get("host", "").partition(":")[0]
        with self._lock:
            alias = self.service.aliases.get(host)
            named = [d for d in self.service.deployments.values() if host == d.url]
            served = self.service.deployments.get(alias["deploymentId"]) if alias else None
        if served or named:
            return self._served(asked, served or named[0], protected=served is None)
        if host.endswith(".vercel.app"):
            return Reply(404, "DEPLOYMENT_NOT_FOUND", {"content-type": "text/plain"})
        return self._called(asked)

    def _served(self, asked: Asked, deployment: Deployment, *, protected: bool) -> Reply:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        if protected and headers.get(BYPASS_HEADER) not in deployment.project.passes:
            return Reply(401, "Authentication Required", {"content-type": "text/html"})
        site = self.site(deployment)
        return replied(site.answer(asked.method, asked.path, headers, asked.body))

    def _called(self, asked: Asked) -> Reply | None:
        parts = urlsplit(asked.path)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(403, error("forbidden", "Not authorized", invalidToken=True))
        if parts.path == CONTROL:
            self.fail(**asked.json())
            return Reply(200, {})
        fault = next((each for each in self.faults if each.matches(asked.method, parts.path)), None)
        self.calls.append((asked.method, parts.path))
        if fault is not None:
            fault.times -= 1
            if not fault.after:
                return fault.reply()
        try:
            with self._lock:
                reply = self._carried_out(asked, parts.path, dict(parse_qsl(parts.query)))
        except ApiError as problem:
            reply = Reply(problem.status, {"error": problem.told})
        return reply if fault is None else fault.reply()

    def _carried_out(self, asked: Asked, path: str, query: dict[str, str]) -> Reply:
        service = self.service
        if (asked.method, path) == ("POST", "/v2/files"):
            service.add_file(asked.headers.get("x-vercel-digest", ""), asked.body)
            return Reply(200, {})
        body = _body(asked)
        segments = [unquote(each) for each in path.strip("/").split("/")]
        match (asked.method, *segments):
            case ("POST", "v11", "projects"):
                return Reply(200, service.add_project(body).json())
            case ("GET", "v9", "projects", named):
                return Reply(200, service.project(named).json())
            case ("DELETE", "v9", "projects", named):
                del service.projects[service.project(named).id]
                return Reply(204)
            case ("PATCH", "v1", "projects", named, "protection-bypass"):
                return Reply(200, service.let_in(service.project(named), body))
            case ("POST", "v10", "projects", named, "env"):
                upsert = query.get("upsert") == "true"
                made = service.set_variable(service.project(named), body, upsert)
                return Reply(201, {"created": made, "failed": []})
            case ("POST", "v10", "projects", named, "domains"):
                service.project(named).domains.append(str(body["name"]))
                return Reply(200, {"name": body["name"], "verified": True})
        return self._of_deployments(asked.method, segments, query, body)

    def _of_deployments(
        self, method: str, segments: list[str], query: dict[str, str], body: Json
    ) -> Reply:
        service = self.service
        match (method, *segments):
            case ("POST", "v13", "deployments"):
                made = service.add_deployment(body, query.get("prebuilt") == "1")
                return Reply(200, made.json())
            case ("GET", "v13", "deployments", named):
                return Reply(200, service.look(service.deployment(named)))
            case ("DELETE", "v13", "deployments", named):
                gone = service.deployment(named)
                service.remove(gone)
                return Reply(200, {"uid": gone.id, "state": "DELETED"})
            case ("GET", "v7", "deployments"):
                return Reply(200, self._listed(query))
            case ("POST", "v2", "deployments", named, "aliases"):
                return Reply(200, service.alias(service.deployment(named), str(body.get("alias"))))
            case ("GET", "v4", "aliases", named):
                for each in service.aliases.values():
                    if named in (each["alias"], each["uid"]):
                        return Reply(200, each)
        raise ApiError(404, "not_found", f"{method} /{'/'.join(segments)}")

    def _listed(self, query: dict[str, str]) -> Json:
        wanted = {k.removeprefix("meta-"): v for k, v in query.items() if k.startswith("meta-")}
        limit, until = int(query.get("limit", 20)), float(query.get("until", "inf"))
        if not 1 <= limit <= 100:
            raise bad("Invalid request: `limit` should be <= 100.")
        found = [
            each
            for each in reversed(self.service.deployments.values())
            if query.get("projectId") in (None, each.project.id, each.project.name)
            and query.get("target") in (None, each.target)
            and wanted.items() <= each.meta.items()
            and each.created < until
        ]
        more = found[limit - 1].created if len(found) > limit else None
        shown = [each.json() for each in found[:limit]]
        return {"deployments": shown, "pagination": {"count": len(shown), "next": more}}


def _body(asked: Asked) -> Json:
    try:
        body = json.loads(asked.body or b"{}")
    except ValueError:
        raise bad("Invalid JSON") from None
    return body if isinstance(body, dict) else {}
