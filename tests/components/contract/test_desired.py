"""Desired states keep their invariants, whatever is done to them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.contract.desired import (
    SLOTS,
    Address,
    DeploymentRecord,
    DesiredState,
    Rollout,
    Slot,
    SlotName,
    Slots,
)
from components.contract.release import SERVICES, Release, ServiceName
from tests.components.examples import backend, frontend, live, release

NAMES = ("r1", "r2", "r3")


@st.composite
def slots(draw: st.DrawFn) -> Slots:
    blue, green = draw(st.sampled_from([(0, 0), (100, 0), (0, 100), (50, 50), (95, 5)]))

    def slot(weight: int) -> Slot:
        held = draw(st.sampled_from(NAMES if weight else (*NAMES, None)))
        replicas = draw(st.integers(0, 16)) if held else 0
        return Slot(release=held, replicas=replicas, weight=weight)

    return Slots(blue=slot(blue), green=slot(green))


@st.composite
def records(draw: st.DrawFn) -> DeploymentRecord:
    return DeploymentRecord(
        id=draw(st.text(min_size=1)),
        release=draw(st.sampled_from(NAMES)),
        version=draw(st.text()),
        action=draw(st.sampled_from(["deploy", "rollback"])),
        strategy=draw(st.sampled_from(["recreate", "blue_green"])),
        outcome=draw(st.sampled_from(["in_progress", "deployed", "rolled_back", "failed"])),
        started_at="2030-01-01T00:00:00Z",
        seconds=draw(st.floats(0, 1e6)),
        deployer=draw(st.text()),
        performance=draw(st.dictionaries(st.text(), st.floats(0, 1e6), max_size=3)),
    )


@st.composite
def states(draw: st.DrawFn) -> DesiredState:
    found = {name: draw(releases(name)) for name in NAMES}
    back_to = {"backend": draw(slots()), "frontend": draw(slots())}
    rollout = Rollout(
        deployment="d1",
        strategy="blue_green",
        step=1,
        steps=3,
        target="r1",
        back_to=None,
        back_to_slots=back_to,
        owner="me",
    )
    return DesiredState(
        address=draw(st.sampled_from([None, Address(host="a.example", port=8443)])),
        backend=draw(slots()),
        frontend=draw(slots()),
        releases=found,
        history=tuple(draw(st.lists(records(), max_size=3))),
        rollout=draw(st.sampled_from([None, rollout])),
    )


@st.composite
def releases(draw: st.DrawFn, name: str) -> Release:
    services: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"backend": backend(), "frontend": frontend()},
                {"backend": backend(), "frontend": None},
                {"backend": None, "frontend": frontend()},
            ]
        )
    )
    return release(name, **services)


@given(states())
def test_a_state_survives_the_way_through_json(state: DesiredState) -> None:
    assert DesiredState.model_validate_json(state.model_dump_json()) == state
    assert DesiredState.model_validate(state.model_dump(mode="json")) == state


def _through_the_engine(value: Any) -> Any:
    """Numbers are floating point there."""
    if isinstance(value, dict):
        return {key: _through_the_engine(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_through_the_engine(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(states())
def test_a_state_survives_the_way_through_the_engine(state: DesiredState) -> None:
    carried = _through_the_engine(state.model_dump(mode="json"))

    assert DesiredState.model_validate(carried) == state


@given(slots())
def test_the_idle_slot_is_never_the_live_one(found: Slots) -> None:
    assert found.idle() in SLOTS
    assert found.idle() != found.live()


@given(slots(), st.sampled_from(SLOTS))
def test_all_traffic_to_a_slot_leaves_releases_and_replicas_alone(
    found: Slots, name: SlotName
) -> None:
    if found.slot(name).release is None:
        with pytest.raises(ValidationError, match="without a release"):
            found.with_weights(**{name: 100})
        return

    moved = found.with_weights(**{name: 100})

    assert moved.live() == name
    assert moved.slot(moved.idle()).weight == 0
    for each in SLOTS:
        assert moved.slot(each).release == found.slot(each).release
        assert moved.slot(each).replicas == found.slot(each).replicas


@given(states(), st.sampled_from(SERVICES), slots())
def test_replacing_the_slots_of_a_service_touches_nothing_else(
    state: DesiredState, service: ServiceName, found: Slots
) -> None:
    after = state.with_service(service, found)

    assert after.service(service) == found
    assert {**dict(after), service: None} == {**dict(state), service: None}
    assert (after.live_release() is None) == (
        not after.backend.live() and not after.frontend.live()
    )


@pytest.mark.parametrize(("blue", "green"), [(100, 100), (50, 0), (99, 0), (1, 1)], ids=str)
def test_weights_that_do_not_add_up_are_refused(blue: int, green: int) -> None:
    with pytest.raises(ValidationError, match="add up to 100 or 0"):
        Slots(blue=Slot(release="r1", weight=blue), green=Slot(release="r2", weight=green))


@pytest.mark.parametrize("held", [{"replicas": 1}, {"weight": 100}])
def test_nothing_runs_without_a_release(held: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="no replicas and weight 0"):
        Slot(**held)


def test_a_slot_that_holds_an_unrecorded_release_is_refused() -> None:
    unknown = Slots(blue=Slot(release="r9"))

    with pytest.raises(ValidationError, match="r9, which is not recorded"):
        DesiredState(backend=unknown)
    with pytest.raises(ValidationError, match="r9, which is not recorded"):
        live().with_service("backend", unknown)


def test_nothing_changes_after_construction() -> None:
    with pytest.raises(ValidationError):
        live().backend = Slots()  # type: ignore[misc]


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        DesiredState.model_validate({"backends": {}})


@pytest.mark.parametrize(
    ("port", "url"), [(8443, "https://a.example:8443"), (443, "https://a.example")]
)
def test_the_usual_port_is_left_out_of_the_address(port: int, url: str) -> None:
    assert Address(host="a.example", port=port).url == url
