"""States of a frontend to declare."""

from typing import Any

from components.contract.desired import (
    DeploymentRecord,
    DesiredState,
    Outcome,
    Slot,
    SlotName,
    Slots,
)
from components.contract.release import Release


def serving(*releases: Release, weight: int = 100, **held: str) -> DesiredState:
    """Return a state whose slots hold the named releases; blue, else the first, has the weight."""
    slots: dict[SlotName, str] = dict(held) or {"blue": releases[0].id}  # type: ignore[assignment]
    return DesiredState(
        frontend=Slots(
            **{
                name: Slot(release=id_, replicas=1, weight=weight if name == "blue" else 0)
                for name, id_ in slots.items()
            }
        ),
        releases={release.id: release for release in releases},
    )


def deployed(release: str, outcome: Outcome = "deployed", **changes: Any) -> DeploymentRecord:
    """Return a line of the history."""
    known: dict[str, Any] = {
        "id": f"d-{release}",
        "version": "1.0.0",
        "action": "deploy",
        "strategy": "blue_green",
        "started_at": "2030-01-01T00:00:00Z",
        "seconds": 1.0,
        "deployer": "me",
    }
    return DeploymentRecord(release=release, outcome=outcome, **{**known, **changes})
