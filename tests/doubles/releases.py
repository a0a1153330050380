"""Releases and desired states as a contract, without anything behind them."""

from components.contract.desired import DesiredState, Slot, Slots
from components.contract.release import Artifact, Release, ServiceName

SPECIFICATION = '{"name": "tiny", "backend": {"start": "true"}}'


def artifact(service: ServiceName, name: str) -> Artifact:
    return Artifact(
        kind="static" if service == "frontend" else "python",
        digest=name,
        checksum=name,
        path=f"/artifacts/{service}-{name}",
        command=("serve",),
        route="/" if service == "frontend" else "/api",
        health_path="/" if service == "frontend" else "/api/health",
    )


def release(name: str, *services: ServiceName, head: str | None = None) -> Release:
    """A release called `name` with these services; both where none is named."""
    wanted = services or ("backend", "frontend")
    return Release(
        id=name,
        version="1.0.0",
        created_at="2026-03-04T05:06:07+00:00",
        application="tiny",
        backend=artifact("backend", name) if "backend" in wanted else None,
        frontend=artifact("frontend", name) if "frontend" in wanted else None,
        alembic_head=head,
        configuration="c",
        specification=SPECIFICATION,
    )


def live(of: Release, replicas: int = 1) -> DesiredState:
    """A state in which the blue slots serve a release."""
    held = Slots(blue=Slot(release=of.id, replicas=replicas, weight=100))
    return DesiredState(
        releases={of.id: of},
        backend=held if of.backend else Slots(),
        frontend=held if of.frontend else Slots(),
    )
