"""What the engine gives back is what was declared, though it leaves nulls out of what it stores."""

import json
from typing import Any

from components.contract.desired import DesiredState, Rollout, Slot, Slots
from components.contract.release import Artifact, Release

ARTIFACT = Artifact(kind="python", digest="d", checksum="c", path="p", command=("serve",))


def without_nulls(value: Any) -> Any:
    """Drop every null of a mapping, as the engine does with outputs."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_a_first_rollout_of_a_backend_without_a_commit_is_read_back():
    release = Release(
        id="1.0.0-abc",
        version="1.0.0",
        commit=None,
        created_at="2026-01-01T00:00:00+00:00",
        application="shop",
        frontend=None,
        backend=ARTIFACT,
        configuration="f",
        specification="s.json",
    )
    rollout = Rollout(
        deployment="d",
        strategy="blue_green",
        step=1,
        steps=3,
        target=release.id,
        back_to=None,
        back_to_slots={"backend": Slots(), "frontend": Slots()},
        owner="somebody",
    )
    state = DesiredState(
        backend=Slots(blue=Slot(release=release.id, replicas=2)),
        releases={release.id: release},
        rollout=rollout,
    )

    stored = without_nulls(json.loads(state.model_dump_json()))

    assert DesiredState.model_validate(stored) == state
