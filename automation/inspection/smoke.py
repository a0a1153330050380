"""The smoke flows that can be written without knowing what an application is for."""

from typing import Any

from automation.inspection.findings import Findings


def flows(findings: Findings) -> dict[str, Any]:
    """Return `smoke`: the first page loads, the backend answers."""
    found = []
    if findings.frontend is not None:
        found.append({"name": "pages load", "category": "pages", "steps": [{"request": "GET /"}]})
    health = public_health(findings)
    if health is not None:
        steps = [{"request": f"GET {health}"}]
        found.append({"name": "the backend answers", "category": "integration", "steps": steps})
    return {"smoke": found}


def load(findings: Findings) -> dict[str, Any]:
    """Return `load`: the requests whose response times are compared between releases."""
    requests = ["GET /"] if findings.frontend is not None else []
    health = public_health(findings)
    return {"load": [*requests, *([f"GET {health}"] if health is not None else [])]}


def public_health(findings: Findings) -> str | None:
    """Return the backend's health endpoint as the public sees it, or None where it does not."""
    backend = findings.backend
    if backend is None or backend.health is None:
        return None
    if findings.strip_route:
        return findings.route.rstrip("/") + backend.health
    return backend.health if findings.route == "/" else backend.health_under_prefix
