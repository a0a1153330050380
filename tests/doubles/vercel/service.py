"""What the fake does when it is asked, and what it refuses. Methods raise ApiError."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from tests.doubles.vercel.model import STATES, ApiError, Deployment, Json, Project, identity

SHA = re.compile(r"[0-9a-f]{40}")
NAME = re.compile(r"(?!.*---)[a-z0-9._-]{1,100}")
SECRET = re.compile(r"[A-Za-z0-9]{32}")
DEPLOYMENT_FIELDS = {
    *("name", "project", "files", "meta", "target", "projectSettings", "gitSource", "deploymentId"),
    *("customEnvironmentSlugOrId", "gitMetadata", "monorepoManager", "withLatestCommit"),
}
FILE_FIELDS = {"file", "sha", "size", "mode", "data", "encoding"}
TARGETS = {"production", "preview", "development"}
KINDS = {"plain", "encrypted", "sensitive", "system"}
CONFIG = ".vercel/output/config.json"


class Service:
    """The state of one team. `others` are projects made elsewhere, names by their ids."""

    def __init__(self, others: Callable[[], Mapping[str, str]] = dict) -> None:
        self._others = others
        self.files: dict[str, bytes] = {}
        self.projects: dict[str, Project] = {}
        self.deployments: dict[str, Deployment] = {}
        self.aliases: dict[str, Json] = {}

    def project(self, named: str) -> Project:
        for project in self.projects.values():
            if named in (project.id, project.name):
                return project
        for id_, name in self._others().items():
            if named in (id_, name):
                return self.projects.setdefault(id_, Project(name, id=id_))
        raise ApiError(404, "not_found", f"Project not found: {named}")

    def deployment(self, named: str) -> Deployment:
        for deployment in self.deployments.values():
            if named in (deployment.id, deployment.url):
                return deployment
        raise ApiError(404, "not_found", f"Deployment not found: {named}")

    def add_project(self, body: Json) -> Project:
        name = body.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise bad("Invalid request: `name` should match the pattern of project names.")
        if any(each.name == name for each in self.projects.values()):
            raise ApiError(409, "conflict", f"A project named {name} exists already")
        project = Project(name, {k: v for k, v in body.items() if k != "name"})
        project.assigns = bool(body.get("autoAssignCustomDomains", True))
        self.projects[project.id] = project
        return project

    def add_file(self, sha: str, data: bytes) -> None:
        if not SHA.fullmatch(sha):
            raise ApiError(400, "missing_header", "The header x-vercel-digest is no SHA-1")
        if hashlib.sha1(data).hexdigest() != sha:
            raise ApiError(400, "bad_request", "The digest does not match the uploaded content")
        self.files[sha] = data

    def add_deployment(self, body: Json, prebuilt: bool) -> Deployment:
        known(body, DEPLOYMENT_FIELDS)
        if not body.get("name"):
            raise bad("Invalid request: missing required property `name`.")
        if body.get("target") not in (None, "production", "staging"):
            raise bad("Invalid request: `target` should be `production` or `staging`.")
        project = self.project(str(body.get("project") or body["name"]))
        meta = body.get("meta") or {}
        if len(meta) > 100 or any(not isinstance(v, str) or len(v) > 65536 for v in meta.values()):
            raise bad("Invalid request: `meta` should be short texts, 100 at most.")
        files = self._given(body.get("files") or [])
        if not prebuilt and "projectSettings" not in body and not project.settings.get("framework"):
            raise ApiError(400, "missing_project_settings", "projectSettings is required")
        made = Deployment(project, files, body.get("target"), dict(meta))
        if CONFIG not in files:
            made.error = f'Config file was not found at "/vercel/path0/{CONFIG}"'
        self.deployments[made.id] = made
        return made

    def _given(self, files: list[Json]) -> dict[str, Json]:
        if not files:
            raise bad("Invalid request: `files` should not be empty.")
        for each in files:
            known(each, FILE_FIELDS, "files.")
            path = PurePosixPath(str(each.get("file")))
            if path.is_absolute() or ".." in path.parts:
                raise bad(f"Invalid request: {path} leads out of the deployment.")
            if not SHA.fullmatch(str(each.get("sha"))):
                raise bad("Invalid request: `files.sha` should be a SHA-1.")
        missing = sorted({each["sha"] for each in files} - self.files.keys())
        if missing:
            raise ApiError(400, "missing_files", "Missing files", missing=missing)
        for each in files:
            if each.get("size", 0) != len(self.files[each["sha"]]):
                raise bad(f"Invalid request: {each['file']} has another size.")
        return {each["file"]: each for each in files}

    def look(self, deployment: Deployment) -> Json:
        """Return a deployment, one step further than it was when last looked at."""
        deployment.looks += 1
        ready = deployment.state == STATES[-1]
        if ready and deployment.target == "production" and deployment.project.assigns:
            self._lead(deployment.project, deployment)
        return deployment.json()

    def remove(self, deployment: Deployment) -> None:
        del self.deployments[deployment.id]
        self.aliases = {
            name: each
            for name, each in self.aliases.items()
            if each["deploymentId"] != deployment.id
        }

    def alias(self, deployment: Deployment, alias: str) -> Json:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", alias or ""):
            raise ApiError(400, "invalid_alias", f"The alias {alias!r} is invalid")
        if deployment.state != STATES[-1]:
            raise ApiError(400, "deployment_not_ready", "The deployment is not ready")
        owner = next((p for p in self.projects.values() if alias in p.domains), None)
        if not alias.endswith(".vercel.app") and owner is None:
            raise ApiError(403, "forbidden", f"You don't have access to the domain {alias}")
        old = self.aliases.get(alias, {})
        made = {
            "uid": old.get("uid") or identity(),
            "alias": alias,
            "deploymentId": deployment.id,
            "projectId": deployment.project.id,
        }
        self.aliases[alias] = made
        return {**made, "oldDeploymentId": old.get("deploymentId")}

    def _lead(self, project: Project, deployment: Deployment) -> None:
        project.serves = deployment.id
        for domain in (*project.domains, f"{project.name}.vercel.app"):
            self.alias(deployment, domain)

    def let_in(self, project: Project, body: Json) -> Json:
        known(body, {"generate", "revoke", "update"})
        if given := body.get("generate"):
            secret = given.get("secret") or identity()[:24] + "00000000"
            if not SECRET.fullmatch(secret):
                raise bad("Invalid request: `generate.secret` should have 32 letters and digits.")
            note = given.get("note", "")
            project.passes[secret] = {"scope": "automation-bypass", "note": note}
        project.passes.pop((body.get("revoke") or {}).get("secret"), None)
        return {"protectionBypass": project.passes}

    def set_variable(self, project: Project, body: Json, upsert: bool) -> Json:
        known(body, {"key", "value", "type", "target", "gitBranch", "comment"})
        targets = body.get("target") or []
        if body.get("type") not in KINDS or not targets or not TARGETS.issuperset(targets):
            raise bad("Invalid request: `type` or `target` is none that there is.")
        for id_, other in list(project.variables.items()):
            if other["key"] == body.get("key") and {*other["target"]} & {*targets}:
                if not upsert:
                    raise ApiError(403, "ENV_CONFLICT", f"{body['key']} exists already")
                del project.variables[id_]
        made = {**body, "id": identity()[:16]}
        project.variables[made["id"]] = made
        return {k: v for k, v in made.items() if k != "value" or body["type"] != "sensitive"}


def bad(message: str) -> ApiError:
    return ApiError(400, "bad_request", message)


def known(given: Json, allowed: set[str], prefix: str = "") -> None:
    for name in sorted(given.keys() - allowed):
        raise bad(f"Invalid request: should NOT have additional property `{prefix}{name}`.")
