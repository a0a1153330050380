"""Inspects an application: its services, its database and its variables."""

import re
from pathlib import Path

from automation.errors import InvalidInput
from automation.inspection import backend as backends
from automation.inspection import credentials, database, examples
from automation.inspection import frontend as frontends
from automation.inspection.assignments import Surroundings, assign
from automation.inspection.findings import (
    Assignment,
    Findings,
    FoundBackend,
    FoundDatabase,
    FoundFrontend,
    Reading,
)
from automation.inspection.variables import understand
from components.contract.release import ServiceName


def inspect(app: Path) -> Findings:
    """Find out what an application needs. Raise InvalidInput where there is no application."""
    if not app.is_dir():
        raise InvalidInput(
            f"{app} is no application: there is no such folder",
            hint="Give the folder of an application: `./slipway init --app PATH`.",
        )
    app = app.resolve()
    frontend, checks = frontends.find(app)
    backend, more = backends.find(app)
    if frontend is None and backend is None:
        raise InvalidInput(
            f"{app} is no application: found neither a package.json with a web framework and a "
            "build script, nor an ASGI application such as `app = FastAPI()`",
            hint="Give the folder of an application: `./slipway init --app PATH`; or write "
            f"{app}/specs/deployment/application.md by hand, with a `start` command.",
        )
    readings = _readings(app, frontend, backend)
    everything = [one for several in readings.values() for one in several]
    found, about_database = database.find(app, backend, everything)
    route, strip = _route(frontend, backend)
    addresses = examples.addresses(app, *_paths(frontend, backend))
    around = _surroundings(frontend, backend, found, addresses)
    assignments = _assignments(readings, around, found)
    return Findings(
        name=_name(app),
        frontend=frontend,
        backend=backend,
        database=found,
        route=route,
        strip_route=strip,
        assignments=assignments,
        generated=_secrets(assignments, "generated"),
        given=_secrets(assignments, "given"),
        sightings=tuple(credentials.scan(app)),
        checks=(*checks, *more, *about_database, *_health_checks(frontend, backend)),
    )


def _surroundings(
    frontend: FoundFrontend | None,
    backend: FoundBackend | None,
    found: FoundDatabase | None,
    addresses: dict[str, str],
) -> Surroundings:
    return Surroundings(
        scheme=found.scheme if found else None,
        has_backend=backend is not None,
        strip_route=_route(frontend, backend)[1],
        server_paths=frontend.server_paths if frontend else False,
        is_static=frontend is not None and frontend.kind == "static",
        examples=addresses,
    )


def _paths(
    frontend: FoundFrontend | None, backend: FoundBackend | None
) -> tuple[str | None, str | None]:
    return frontend.path if frontend else None, backend.path if backend else None


def _name(app: Path) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", app.name.lower()).strip("-").lstrip("0123456789-")
    return plain[:39].rstrip("-") or "application"


def _readings(
    app: Path, frontend: FoundFrontend | None, backend: FoundBackend | None
) -> dict[ServiceName, list[Reading]]:
    found: dict[ServiceName, list[Reading]] = {
        "backend": list(backend.readings) if backend else [],
        "frontend": list(frontend.readings) if frontend else [],
    }
    known = {one.name for several in found.values() for one in several}
    for service, several in examples.readings(app, *_paths(frontend, backend)).items():
        found[service] += [one for one in several if one.name not in known]
    return found


def _route(frontend: FoundFrontend | None, backend: FoundBackend | None) -> tuple[str, bool]:
    """Return the public path of the backend, and whether it is removed on the way."""
    if backend is None or frontend is None:
        return "/", False
    if backend.prefixed:
        return "/api", False
    return ("/backend" if frontend.own_api else "/api"), True


def _assignments(
    readings: dict[ServiceName, list[Reading]], around: Surroundings, found: FoundDatabase | None
) -> tuple[Assignment, ...]:
    assigned = (
        assign(service, reading, around)
        for service, several in readings.items()
        for reading in several
        if found is not None or understand(reading.name).meaning not in DATABASE_MEANINGS
    )
    return tuple(one for one in assigned if one is not None)


DATABASE_MEANINGS = ("database_url", "database_part")


def _secrets(assignments: tuple[Assignment, ...], meaning: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            one.name
            for one in assignments
            if one.value == f"${{secret.{one.name}}}" and understand(one.name).meaning == meaning
        )
    )


def _health_checks(frontend: FoundFrontend | None, backend: FoundBackend | None) -> list[str]:
    found = []
    if backend is not None and backend.health is None:
        found.append("the backend has no health endpoint; add one, such as GET /health")
    if backend is not None and backend.ready is None:
        found.append(
            "the backend has no readiness endpoint; nothing says that its database answers"
        )
    if backend is not None and frontend is not None and backend.prefixed and frontend.own_api:
        found.append("frontend and backend both answer under /api; the backend gets it all")
    return found
