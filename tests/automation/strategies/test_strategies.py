"""Every strategy, whatever is live and whatever comes next."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.steps.plan import recording
from automation.strategies import STRATEGIES
from automation.strategies.base import Step
from components.contract.desired import SLOTS, DesiredState, Rollout, Slot, SlotName, Slots
from components.contract.release import SERVICES, Release, ServiceName
from tests.doubles.releases import release

every_strategy = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
briefly = settings(max_examples=40, deadline=None)
WARM = release("warm")
SETS: tuple[tuple[ServiceName, ...], ...] = (("backend", "frontend"), ("backend",), ("frontend",))


@st.composite
def slots(draw: st.DrawFn, live: Release, service: ServiceName, warm: bool) -> Slots:
    """Slots after a deployment: the live one with all traffic, the other warm, stopped or empty."""
    if live.artifact(service) is None:
        return Slots()
    name: SlotName = draw(st.sampled_from(SLOTS))
    other: SlotName = "green" if name == "blue" else "blue"
    held = Slot(release=live.id, replicas=draw(st.integers(1, 4)), weight=100)
    idle = Slot(release=WARM.id, replicas=draw(st.integers(0, 4))) if warm else Slot()
    return Slots(**{name: held, other: idle})


@st.composite
def rollouts(draw: st.DrawFn) -> tuple[DesiredState, Release, dict[ServiceName, int]]:
    """What is live, the target (recorded), and how many replicas each service is to have."""
    target = release("target", *draw(st.sampled_from(SETS)))
    replicas = {name: draw(st.integers(1, 4)) for name in SERVICES}
    if draw(st.booleans()):
        return recording(DesiredState(), target), target, replicas
    old, warm = release("old", *draw(st.sampled_from(SETS))), draw(st.booleans())
    state = DesiredState(
        releases={old.id: old, WARM.id: WARM},
        backend=draw(slots(old, "backend", warm)),
        frontend=draw(slots(old, "frontend", warm)),
    )
    return recording(state, target), target, replicas


def taken(strategy, rollout, *, back: bool = False) -> list[Step]:
    live, target, replicas = rollout
    return list(strategy.steps(live, target, replicas, back))


def serving(state: DesiredState, service: ServiceName) -> tuple[str | None, int]:
    """The release with a service's traffic, and the replicas that bear it."""
    held = state.service(service)
    live = held.live()
    return (held.slot(live).release, held.slot(live).replicas) if live else (None, 0)


def weight(slots: Slots) -> int:
    return slots.blue.weight + slots.green.weight


@every_strategy
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_weights_add_up_to_a_hundred_at_every_step_once_a_service_is_live(strategy, rollout, back):
    before = rollout[0]

    for step in taken(strategy, rollout, back=back):
        for name in SERVICES:
            total = weight(step.state.service(name))
            goes = rollout[1].artifact(name) is None
            was_live = weight(before.service(name)) == 100
            assert total == 100 or (total == 0 and (goes or not was_live)), step.description
        before = step.state


@every_strategy
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_the_last_state_serves_the_target_alone(strategy, rollout, back):
    _, target, replicas = rollout

    last = taken(strategy, rollout, back=back)[-1].state

    for name in SERVICES:
        wanted = (target.id, replicas[name]) if target.artifact(name) else (None, 0)
        assert serving(last, name) == wanted
    assert last.live_release() == target


@every_strategy
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_services_that_the_target_lacks_are_switched_off(strategy, rollout, back):
    last = taken(strategy, rollout, back=back)[-1].state

    assert all(last.service(n) == Slots() for n in SERVICES if rollout[1].artifact(n) is None)


@every_strategy
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_steps_are_pure(strategy, rollout, back):
    before = rollout[0].model_dump_json()

    assert taken(strategy, rollout, back=back) == taken(strategy, rollout, back=back)
    assert rollout[0].model_dump_json() == before


@every_strategy
@briefly
@given(rollout=rollouts(), back=st.booleans(), data=st.data())
def test_every_prefix_can_be_undone_from_what_the_state_says(strategy, rollout, back, data):
    live, target, _ = rollout
    steps = taken(strategy, rollout, back=back)
    at = data.draw(st.integers(0, len(steps) - 1))
    under_way = Rollout(
        deployment="d",
        strategy=strategy.name,
        step=at + 1,
        steps=len(steps),
        target=target.id,
        back_to_slots={"backend": live.backend, "frontend": live.frontend},
        owner="ada",
    )
    declared = steps[at].state.model_copy(update={"rollout": under_way})

    read = DesiredState.model_validate_json(declared.model_dump_json())
    assert read.rollout is not None
    home = read.with_service("backend", read.rollout.back_to_slots["backend"])
    home = home.with_service("frontend", read.rollout.back_to_slots["frontend"])

    assert (home.backend, home.frontend) == (live.backend, live.frontend)
    assert home.live_release() == live.live_release()


@every_strategy
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_every_step_that_moves_traffic_is_gated_and_the_gate_looks_where_the_target_is(
    strategy, rollout, back
):
    before = rollout[0]

    for step in taken(strategy, rollout, back=back):
        moved = {
            name
            for name in SERVICES
            if serving(before, name)[0] != serving(step.state, name)[0]
            and rollout[1].artifact(name)
        }
        assert moved <= set(step.slots), step.description
        assert not moved or step.gate == "served"
        for name, slot in step.slots.items():
            assert step.state.service(name).slot(slot).release == rollout[1].id
        before = step.state


@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_blue_green_never_has_less_capacity_with_traffic_than_it_is_to_have(rollout, back):
    live, target, replicas = rollout

    for step in taken(STRATEGIES["blue_green"], rollout, back=back):
        for name in SERVICES:
            if target.artifact(name) is None or weight(live.service(name)) == 0:
                continue
            wanted = min(replicas[name], serving(live, name)[1])
            assert serving(step.state, name)[1] >= wanted, step.description


@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_blue_green_never_switches_two_services_in_one_step(rollout, back):
    before = rollout[0]

    for step in taken(STRATEGIES["blue_green"], rollout, back=back):
        switched = [
            name
            for name in SERVICES
            if rollout[1].artifact(name)
            and before.service(name).live() != step.state.service(name).live()
        ]
        assert len(switched) <= 1
        before = step.state


@briefly
@given(rollout=rollouts())
def test_blue_green_looks_at_the_new_release_before_it_has_traffic(rollout):
    first = taken(STRATEGIES["blue_green"], rollout)[0]

    assert (first.gate, first.phase) == ("health", "provision")
    assert set(first.slots) == {n for n in SERVICES if rollout[1].artifact(n)}
    for name in SERVICES:
        assert serving(first.state, name) == serving(rollout[0], name)


@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_recreate_never_runs_two_releases_of_a_service_at_once(rollout, back):
    for step in taken(STRATEGIES["recreate"], rollout, back=back):
        for name in SERVICES:
            held = step.state.service(name)
            running = {s.release for s in (held.blue, held.green) if s.replicas}
            assert len(running) <= 1, step.description


def switches(back: bool) -> list[ServiceName]:
    target = release("target")
    start = recording(DesiredState(), target)
    steps = STRATEGIES["blue_green"].steps(start, target, {"backend": 1, "frontend": 1}, back)
    return [next(iter(step.slots)) for step in steps if step.gate == "served"]


def test_the_backend_goes_first_and_comes_back_last():
    assert switches(back=False) == ["backend", "frontend"]
    assert switches(back=True) == ["frontend", "backend"]


def test_a_return_to_the_release_in_the_warm_slot_starts_nothing_new():
    old, new = release("old"), release("new")
    held = Slots(
        blue=Slot(release="old", replicas=2), green=Slot(release="new", replicas=2, weight=100)
    )
    state = DesiredState(releases={"old": old, "new": new}, backend=held, frontend=held)
    steps = STRATEGIES["blue_green"].steps(state, old, {"backend": 2, "frontend": 2}, True)

    for step in steps:
        for name in SERVICES:
            assert step.state.service(name).blue.replicas == held.blue.replicas
            assert step.state.service(name).green.replicas == held.green.replicas


@every_strategy
def test_a_strategy_goes_by_the_name_in_the_registry_and_says_whether_it_interrupts(strategy):
    assert STRATEGIES[strategy.name] is strategy
    assert ("downtime" in strategy.summary) == strategy.downtime
