"""Releases and states to declare."""

from typing import Any

from components.contract.desired import Address, DesiredState, Slot, Slots
from components.contract.release import Artifact, Release

SENTINEL = "${secret.SESSION_KEY}"


def backend(**changes: Any) -> Artifact:
    known: dict[str, Any] = {
        "kind": "python",
        "digest": "d1",
        "checksum": "c1",
        "path": "/artifacts/backend",
        "command": ("venv/bin/uvicorn", "app.main:app", "--port", "${port}"),
        "variables": {
            "DATABASE_URL": "${database.url}",
            "SESSION_KEY": SENTINEL,
            "RELEASE": "${release.id}",
        },
        "route": "/api",
        "health_path": "/health",
        "ready_path": "/ready",
    }
    return Artifact(**{**known, **changes})


def frontend(**changes: Any) -> Artifact:
    known: dict[str, Any] = {
        "kind": "node",
        "digest": "d2",
        "checksum": "c2",
        "path": "/artifacts/frontend",
        "command": ("node", "server.js"),
        "variables": {"API_URL": "${backend.internal_url}"},
        "health_path": "/healthz",
    }
    return Artifact(**{**known, **changes})


def release(id_: str = "r1", **changes: Any) -> Release:
    known: dict[str, Any] = {
        "id": id_,
        "version": "1.0.0",
        "commit": None,
        "created_at": "2030-01-01T00:00:00Z",
        "application": "todo",
        "frontend": frontend(),
        "backend": backend(),
        "configuration": "f1",
        "secrets": {"SESSION_KEY": 32},
        "specification": "/artifacts/specification.json",
    }
    return Release(**{**known, **changes})


def live(*releases: Release, replicas: int = 2) -> DesiredState:
    """Return a state whose blue slots serve the first release; a second waits in the green ones."""
    first, *others = releases or (release(),)
    slots = Slots(
        blue=Slot(release=first.id, replicas=replicas, weight=100),
        green=Slot(release=others[0].id, replicas=replicas) if others else Slot(),
    )
    return DesiredState(
        address=Address(host="todo.localhost", port=8443),
        backend=slots if first.backend else Slots(),
        frontend=slots if first.frontend else Slots(),
        releases={each.id: each for each in (first, *others)},
    )
