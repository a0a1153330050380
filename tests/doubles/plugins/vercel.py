"""The double of `vercel`: projects, their variables and domains, and deployments."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Kind, Making, Provider, Refused, forcing
from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.uploads import Uploads
from tests.doubles.plugins.values import UNKNOWN
from tests.doubles.plugins.vercel_names import awaited, leads, secured

PROJECT = "vercel:index/project:Project"
DEPLOYMENT = "vercel:index/deployment:Deployment"
DOMAIN = "vercel:index/projectDomain:ProjectDomain"
VARIABLE = "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable"
ALIAS = "vercel:index/alias:Alias"
BYPASS = "vercel:index/projectProtectionBypass:ProjectProtectionBypass"
VARIABLES = "vercel:index/projectEnvironmentVariables:ProjectEnvironmentVariables"
TARGETS = {"production", "preview", "development"}


def _token(prefix: str, length: int = 24) -> str:
    return prefix + secrets.token_urlsafe(length)[:length].replace("-", "a").replace("_", "b")


def _project(making: Making) -> Object:
    sought = making.get("projectId")
    found = [each for each in making.provider.cloud.objects(PROJECT) if each.id == sought]
    if not found:
        raise Refused(f"not_found: The project {sought} does not exist")
    return found[0]


def _deployed(making: Making, id_: str) -> dict[str, Any]:
    name = _project(making).outputs["name"]
    production = bool(making.get("production"))
    hosts = [f"{name}.vercel.app"] if production else []
    return {"url": f"{name}-{id_[4:13].lower()}.vercel.app", "domains": hosts}


def _target(variable: Mapping[str, Any], where: str = "") -> Iterator[Problem]:
    targets = variable.get("targets")
    if not targets and not variable.get("customEnvironmentIds"):
        yield f"{where}targets", "targets or customEnvironmentIds must be given"
    for each in targets if isinstance(targets, list) else ():
        if each not in {*TARGETS, UNKNOWN}:
            yield f"{where}targets", f"expected one of {sorted(TARGETS)}, got {each!r}"
    if variable.get("sensitive") is True and "development" in (targets or ()):
        yield f"{where}sensitive", "a variable of `development` cannot be sensitive"


def _targets(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    given = inputs.get("variables")
    for index, each in enumerate(given if isinstance(given, list) else ()):
        yield from _target(each, f"variables[{index}].")


def _uploaded(making: Making) -> None:
    """Take each file. Refuse one that is neither here as it is said to be nor was taken before."""
    _project(making)
    if making.old is not None:
        return
    uploads = Uploads(making.provider.cloud.folder)
    for path, said in (making.get("files") or {}).items():
        if uploads.has(said):
            continue
        try:
            found = described(Path(path))
        except OSError as problem:
            raise Refused(f"Could not read file {path}, unexpected error: {problem}") from None
        if found != said:
            raise Refused(f"missing_files: {path} is {found}, not {said}")
        uploads.keep(Path(path), said)


def _known(making: Making) -> None:
    """Refuse an alias of a deployment, or at a domain, that the team does not have, or not yet."""
    cloud, alias = making.provider.cloud, str(making.get("alias"))
    found = [d for d in cloud.objects(DEPLOYMENT) if d.id == making.get("deploymentId")]
    if not found:
        raise Refused(f"not_found: The deployment {making.get('deploymentId')} does not exist")
    domains = {str(each.inputs["domain"]): each for each in cloud.objects(DOMAIN)}
    if alias in domains:
        if domains[alias].inputs["projectId"] != found[0].inputs["projectId"]:
            raise Refused(f"alias_in_use: {alias} is a domain of another project")
        secured(cloud, domains[alias])
    elif not alias.endswith(".vercel.app"):
        raise Refused(f"forbidden: You don't have access to the domain {alias}")


def _source(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    if not inputs.get("files") and not inputs.get("ref"):
        yield "files", "a deployment needs `files` or `ref`"


def _free(making: Making) -> None:
    """Refuse a key that the project has already for one of the environments."""
    _project(making)
    for other in making.provider.cloud.objects(VARIABLE):
        mine = making.old is not None and other.id == making.old.id
        same = all(other.inputs.get(k) == making.get(k) for k in ("projectId", "key", "gitBranch"))
        if same and not mine and {*other.inputs["targets"]} & {*making.get("targets", ())}:
            raise Refused(f"ENV_CONFLICT: {making.inputs['key']} exists for this environment")


class Vercel(Provider):
    """One team."""

    package: ClassVar[str] = "vercel"
    named_by: ClassVar[tuple[str, ...]] = ("teamId", "projectId")
    kinds: ClassVar[Mapping[str, Kind]] = {
        PROJECT: Kind(
            forces=forcing("teamId"),
            autoname="name",
            limit=52,
            unique=("name",),
            id=lambda making: _token("prj_"),
            outputs=lambda making, id_: {
                "nodeVersion": making.get("nodeVersion", "24.x"),
                "serverlessFunctionRegion": making.get("serverlessFunctionRegion", "iad1"),
            },
        ),
        DEPLOYMENT: Kind(
            # A deployment is never changed; only what happens at its end is.
            forces=forcing(
                *("projectId", "teamId", "files", "pathPrefix", "production", "ref"),
                *("environment", "projectSettings", "customEnvironmentId", "meta"),
            ),
            id=lambda making: _token("dpl_"),
            outputs=_deployed,
            check=_source,
            before=_uploaded,
        ),
        DOMAIN: Kind(
            forces=forcing("projectId", "domain", "teamId"),
            unique=("domain",),
            id=lambda making: str(making.inputs["domain"]),
            before=lambda making: _project(making) and None,
            outputs=lambda making, id_: {
                "verified": True,
                "misconfigured": not leads(making.provider.cloud, id_),
            },
            fresh=("misconfigured",),
            after=awaited,
        ),
        ALIAS: Kind(
            # Creating an alias moves it where it exists: so an update is one more creation.
            forces=forcing("teamId"),
            id=lambda making: _token("", 24),
            before=_known,
        ),
        BYPASS: Kind(
            forces=forcing("projectId", "teamId", "secret"),
            # The secret is in the id: so it is in the state in the clear.
            id=lambda making: f"{making.get('projectId')}/{making.get('secret') or _token('', 32)}",
            before=lambda making: _project(making) and None,
            outputs=lambda making, id_: {
                "secret": id_.rpartition("/")[2],
                "isEnvVar": True,
                "scope": "automation-bypass",
            },
            secrets=("secret",),
        ),
        VARIABLE: Kind(
            forces=forcing("projectId", "teamId", "sensitive"),
            id=lambda making: _token("", 16),
            before=_free,
            check=_target,
        ),
        VARIABLES: Kind(
            forces=forcing("projectId", "teamId"),
            unique=("projectId",),
            id=lambda making: str(making.inputs["projectId"]),
            before=lambda making: _project(making) and None,
            check=_targets,
        ),
    }

    def configure(self) -> None:
        """Accept every token: whom it is for is not asked."""

    def delete(self, gone: Object) -> None:
        """Delete something; with a project goes everything in it."""
        super().delete(gone)
        if gone.type == PROJECT:
            for other in self.cloud.objects("vercel:*"):
                if other.inputs.get("projectId") == gone.id:
                    self.cloud.remove(other)
            left = {each.id for each in self.cloud.objects(DEPLOYMENT)}
            for alias in self.cloud.objects(ALIAS):
                if alias.inputs.get("deploymentId") not in left:
                    self.cloud.remove(alias)

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Look up a project by name; read the files of a folder or of a built artifact."""
        name = token.rpartition(":")[2]
        if name == "getProject":
            for each in self.cloud.objects(PROJECT):
                if each.outputs.get("name") == arguments.get("name"):
                    return {**each.outputs, "id": each.id}
            raise Refused(f"not_found: no project is called {arguments.get('name')}")
        if name in ("getProjectDirectory", "getPrebuiltProject"):
            return files(str(arguments["path"]), name == "getPrebuiltProject")
        if name == "getFile":
            return one_file(str(arguments["path"]))
        return super().invoke(token, arguments)


def files(folder: str, prebuilt: bool) -> dict[str, Any]:
    """Return the files under a folder as the real lookup does: path to `size~sha1`."""
    root = Path(folder)
    source = root / ".vercel" / "output" if prebuilt else root
    if not source.is_dir():
        raise Refused(f"cannot read {source}: no such folder")
    found = {}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            found[str(path)] = described(path)
    if prebuilt:
        for each in list(found):
            if each.endswith("/.vc-config.json"):
                found |= _named(Path(each), root)
    shown = {"output": found} if prebuilt else {"files": found}
    return {"id": folder, "path": folder, **shown}


def _named(configuration: Path, root: Path) -> dict[str, str]:
    """Return the files outside of the output that a function names."""
    named = json.loads(configuration.read_text()).get("filePathMap", {})
    return {str(root / each): described(root / each) for each in named}


def described(path: Path) -> str:
    """Return size and SHA-1 of a file, or of where a link leads."""
    data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
    return f"{len(data)}~{hashlib.sha1(data).hexdigest()}"


def one_file(path: str) -> dict[str, Any]:
    """Return one file as the real lookup does."""
    return {"id": path, "path": path, "file": {path: described(Path(path))}}
