"""Finds the backend: the ASGI application, its project and what it answers."""

import re
from collections.abc import Sequence
from pathlib import Path

from automation.inspection import asgi, environment, requirements, routes
from automation.inspection.findings import FoundBackend
from automation.inspection.import_root import module_of
from automation.inspection.routes import Route
from automation.inspection.tree import python_files, shown, text

FRAMEWORKS = frozenset({"fastapi", "starlette", "litestar", "quart", "django", "blacksheep"})
HEALTH = ("health", "healthz", "healthcheck", "health-check", "livez", "live", "liveness",
          "alive", "ping", "status")  # fmt: skip
READY = ("ready", "readyz", "readiness")
SIDE_DOORS = frozenset({*HEALTH, *READY, "metrics", "docs", "redoc", "openapi.json", ""})


def find(app: Path) -> tuple[FoundBackend | None, list[str]]:
    """Return the backend, or None, and what a person must check about it."""
    found = asgi.find(python_files(app))
    checks: list[str] = []
    if not found:
        return None, checks
    best = found[0]
    project = requirements.project_of(app, best.file)
    sources = python_files(project)
    root, module = module_of(project, best.file)
    at = f"{shown(app, best.file)}:{best.line}"
    others = [f"{shown(app, one.file)}:{one.line}" for one in found[1:] if not one.factory]
    if others:
        checks.append(f"the ASGI application is the one in {at}, not in {', '.join(others)}")
    answered = routes.read(sources)
    lock, listed = requirements.lockfile(project), requirements.requirements_file(project)
    checks += _dependency_checks(app, project, lock, listed)
    prefixed = _prefixed(answered, checks)
    return FoundBackend(
        path=shown(app, project),
        source=_source(app, project),
        application=f"{module}:{best.attribute}",
        application_source=at,
        factory=best.factory,
        import_path=None if root == project else shown(project, root),
        requirements=None if lock or listed is None else shown(app, listed),
        lockfile=None if lock is None else shown(app, lock),
        python=requirements.python_version(project),
        dependencies=requirements.dependencies(project),
        health=_choose(answered, HEALTH),
        health_under_prefix=_choose(
            [one for one in answered if one.path.startswith("/api/")], HEALTH
        ),
        ready=_choose(answered, READY),
        metrics=_choose(answered, ("metrics",)) or _instrumented(sources),
        prefixed=prefixed,
        readings=environment.readings(app, sources),
    ), checks


def _source(app: Path, project: Path) -> str:
    names = (*requirements.MANIFESTS, *requirements.LISTS)
    return next((shown(app, project / one) for one in names if (project / one).is_file()), ".")


def _dependency_checks(
    app: Path, project: Path, lock: Path | None, listed: Path | None
) -> list[str]:
    found, where = [], shown(app, project)
    known = requirements.dependencies(project)
    if not known & FRAMEWORKS:
        found.append(f"no ASGI framework is among the requirements of {where}")
    elif not known & {"uvicorn", "uvicorn[standard]", "fastapi[standard]", "fastapi[all]"}:
        found.append(f"uvicorn is not among the requirements of {where}: add it, or give `start`")
    if lock is not None and lock.name != "uv.lock":
        found.append(f"{shown(app, lock)}: give `backend.install`, or export a requirements.txt")
    elif lock is None and listed is None:
        found.append(f"{where} has neither a lock file nor a requirements.txt; builds may differ")
    return found


def _prefixed(answered: Sequence[Route], checks: list[str]) -> bool:
    """Tell whether the application's own routes begin with /api; the many win over the few."""
    own = [one.path for one in answered if _last(one.path) not in SIDE_DOORS]
    inside = [one for one in own if one == "/api" or one.startswith("/api/")]
    outside = [one for one in own if one not in inside]
    if inside and outside:
        few = sorted(set(inside if len(inside) < len(outside) else outside))
        checks.append(f"some routes have the prefix /api and some have not: {', '.join(few)}")
    if not own:
        return any(one.path.startswith("/api/") for one in answered)
    return len(inside) >= len(outside)


def _choose(answered: Sequence[Route], names: Sequence[str]) -> str | None:
    """Return the path that ends in one of the names: the first name and the shortest path win."""
    found = [
        (names.index(_last(one.path)), len(one.path), one.path)
        for one in answered
        if one.get and _last(one.path) in names and "{" not in one.path
    ]
    return min(found)[2] if found else None


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].lower()


def _instrumented(sources: Sequence[Path]) -> str | None:
    exposed = re.compile(r"\.expose\(\s*\w+\s*[,)]")
    return "/metrics" if any(exposed.search(text(path)) for path in sources) else None
