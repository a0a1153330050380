"""Vercel's edge: which deployment a host name leads to, and who is let in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.uploads import Uploads
from tests.doubles.vercel.edge import Served, Site
from tests.doubles.vercel.fake import BYPASS_HEADER, FakeVercel
from tests.doubles.world.requests import Answer, Request

PROJECT = "vercel:index/project:Project"
ALIAS = "vercel:index/alias:Alias"
DEPLOYMENT = "vercel:index/deployment:Deployment"
Serves = Callable[[Request], Answer]


@dataclass
class Hosting:
    """Serves what the plugin's double holds, from the files that were uploaded to it.

    `elsewhere` reaches other origins. `objects` are what holds now.
    """

    elsewhere: Serves
    objects: Callable[[], list[Object]]
    uploads: Uploads
    _sites: dict[str, Site] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.api = FakeVercel(others=self._projects)

    def names(self, objects: list[Object]) -> dict[str, Serves]:
        """Return who answers for each host name that leads to a deployment."""
        deployments = {each.id: each for each in objects if each.type == DEPLOYMENT}
        found: dict[str, Serves] = {
            each.outputs["url"]: self._protected(each) for each in deployments.values()
        }
        for each in objects:
            if each.type == ALIAS and each.inputs["deploymentId"] in deployments:
                found[each.inputs["alias"]] = self._open(deployments[each.inputs["deploymentId"]])
        return found

    def close(self) -> None:
        """Serve nothing any more."""
        for site in self._sites.values():
            site.close()
        self.api.close()

    def _projects(self) -> Mapping[str, str]:
        return {each.id: each.outputs["name"] for each in self.objects() if each.type == PROJECT}

    def _open(self, deployment: Object) -> Serves:
        return lambda request: self._answer(deployment, request)

    def _protected(self, deployment: Object) -> Serves:
        def serve(request: Request) -> Answer:
            passes = self.api.service.project(deployment.inputs["projectId"]).passes
            if request.headers.get(BYPASS_HEADER) not in passes:
                return Answer.text(401, "authentication required")
            return self._answer(deployment, request)

        return serve

    def _answer(self, deployment: Object, request: Request) -> Answer:
        if deployment.id not in self._sites:
            inputs = deployment.inputs
            prefix = Path(inputs["pathPrefix"])
            folder = self.uploads.laid_out(deployment.id, inputs["files"], prefix)
            self._sites[deployment.id] = Site(folder, forward=self._forward)
        site = self._sites[deployment.id]
        served = site.answer(request.method, request.target, request.headers, request.body)
        return Answer(served.status, served.body, served.headers)

    def _forward(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Served:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        passed = {**headers, "host": parts.netloc, "x-forwarded-host": headers.get("host", "")}
        answer = self.elsewhere(Request(method, parts.netloc, target, passed, body))
        return Served(answer.status, answer.headers, answer.body)
