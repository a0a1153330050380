"""What the specification says about the services that an inspection found."""

import os
from pathlib import Path
from typing import Any

from automation.inspection.findings import Findings, FoundBackend, FoundFrontend
from components.contract.release import ServiceName


def frontend(findings: Findings, found: FoundFrontend) -> dict[str, Any]:
    """Return the keys of `frontend`."""
    values: dict[str, Any] = {"path": found.path, "kind": found.kind}
    if found.workspace is not None:
        values["workspace"] = found.workspace
    if found.output is not None:
        values["output"] = _inside(found.path, found.output)
    values["health"] = found.health
    return values | _variables(findings, "frontend")


def backend(findings: Findings, found: FoundBackend) -> dict[str, Any]:
    """Return the keys of `backend`."""
    values: dict[str, Any] = {
        "path": found.path,
        "application": found.application,
        "route": findings.route,
        "strip_route": findings.strip_route,
        "health": found.health,
        "ready": found.ready,
        "metrics": found.metrics,
    }
    if found.requirements is not None:
        values["requirements"] = _inside(found.path, found.requirements)
    extra = {}
    if found.import_path is not None:
        extra["PYTHONPATH"] = found.import_path
    if found.factory:
        extra["UVICORN_FACTORY"] = "true"
    return values | _variables(findings, "backend", extra)


def _inside(folder: str, path: str) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _variables(
    findings: Findings, service: ServiceName, extra: dict[str, str] | None = None
) -> dict[str, Any]:
    mine = [one for one in findings.assignments if one.service == service]
    given = (extra or {}) | {one.name: one.value for one in mine if one.value is not None}
    required = [one.name for one in mine if one.required]
    values: dict[str, Any] = {"variables": given} if given else {}
    return values | ({"required_variables": required} if required else {})
