"""Every strategy, whatever is live and whatever comes next."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from automation.steps.plan import recording
from automation.strategies import STRATEGIES
from automation.strategies.base import Options
from components.contract.desired import (
    SLOTS,
    DesiredState,
    Rollout,
    Slot,
    Slots,
)
from components.contract.release import SERVICES, ServiceName
from tests.automation.strategies.rollouts import (
    briefly,
    capacity,
    every_strategy,
    rollouts,
    taken,
    without_downtime,
)
from tests.doubles.releases import release


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
    _, target, options = rollout

    last = taken(strategy, rollout, back=back)[-1].state

    for name in SERVICES:
        wanted = (target.id, options.replicas[name]) if target.artifact(name) else (None, 0)
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
        assert not moved or step.gate in ("served", "traffic", "health")
        for name, slot in step.slots.items():
            assert step.state.service(name).slot(slot).release == rollout[1].id
        before = step.state


@without_downtime
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_capacity_is_never_below_the_minimum_nor_below_what_was_live(strategy, rollout, back):
    live, target, options = rollout
    missing = options.unavailable if strategy.name == "rolling" else 0

    for step in taken(strategy, rollout, back=back):
        for name in SERVICES:
            if target.artifact(name) is None or weight(live.service(name)) == 0:
                continue
            least = max(1, options.replicas[name] - missing)
            assert capacity(step.state, name) >= min(least, capacity(live, name)), step.description


@without_downtime
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_a_slot_with_traffic_has_replicas(strategy, rollout, back):
    for step in taken(strategy, rollout, back=back):
        for name in SERVICES:
            held = step.state.service(name)
            assert all(slot.replicas for slot in (held.blue, held.green) if slot.weight)


@without_downtime
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_replicas_with_traffic_were_looked_at_in_the_step_before(strategy, rollout, back):
    """No step both starts a replica and gives it more traffic than it had."""
    before = rollout[0]

    for step in taken(strategy, rollout, back=back):
        for name in SERVICES:
            for slot in SLOTS:
                was, now = before.service(name).slot(slot), step.state.service(name).slot(slot)
                same = was.release == now.release
                grown = not same or now.replicas > was.replicas
                assert not grown or now.weight <= (was.weight if same else 0), step.description
        before = step.state


@without_downtime
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_a_step_moves_traffic_or_changes_what_runs_but_never_both(strategy, rollout, back):
    """So that what a step that was cut short leaves is known: the weights before it hold."""
    before = rollout[0]

    for step in taken(strategy, rollout, back=back):
        pairs = [
            (before.service(name).slot(slot), step.state.service(name).slot(slot))
            for name in SERVICES
            for slot in SLOTS
        ]
        moves = any((a.weight, a.audience) != (b.weight, b.audience) for a, b in pairs)
        changes = any((a.release, a.replicas) != (b.release, b.replicas) for a, b in pairs)
        assert not (moves and changes), step.description
        before = step.state


@without_downtime
@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_a_service_whose_platform_knows_no_shares_never_has_one(strategy, rollout, back):
    live, target, options = rollout
    undivided = replace(options, whole=frozenset({"frontend"}))

    steps = taken(strategy, (live, target, undivided), back=back)

    for step in steps:
        weights = {step.state.frontend.slot(name).weight for name in SLOTS}
        assert weights <= {0, 100}, step
        assert step.gate != "traffic" or "frontend" not in step.slots, step
    for name in SERVICES:
        assert serving(steps[-1].state, name)[0] == (target.id if target.artifact(name) else None)


@briefly
@given(rollout=rollouts(), back=st.booleans())
def test_rolling_runs_no_more_replicas_than_it_may(rollout, back):
    live, target, options = rollout

    for step in taken(STRATEGIES["rolling"], rollout, back=back):
        for name in SERVICES:
            if not target.artifact(name):
                continue
            held, was = step.state.service(name), live.service(name)
            new = [slot for slot in (held.blue, held.green) if slot.release == target.id]
            if not new or was.live() is None:
                continue
            most = max(options.replicas[name] + max(options.surge, 1), serving(live, name)[1])
            assert held.blue.replicas + held.green.replicas <= most, step.description


@briefly
@given(rollout=rollouts())
def test_a_canary_takes_every_share_in_turn_and_watches_it_beside_the_old_release(rollout):
    live, target, options = rollout
    steps = taken(STRATEGIES["canary"], rollout)

    for name in SERVICES:
        if target.artifact(name) is None or live.service(name).live() is None:
            continue
        new, old = live.service(name).idle(), live.service(name).live()
        watched = [step for step in steps if step.gate == "traffic" and name in step.slots]
        shares = [step.state.service(name).slot(new).weight for step in watched]
        first = [0] if options.audience else []
        assert shares == [*first, *options.canary_steps]
        assert watched[0].state.service(name).slot(new).audience == options.audience
        assert all(step.old[name] == old for step in watched)
        assert all(step.hold_seconds == options.hold_seconds for step in watched)


@briefly
@given(rollout=rollouts())
def test_chosen_users_are_chosen_until_everybody_is(rollout):
    steps = taken(STRATEGIES["canary"], rollout)

    audiences = {
        slot.audience
        for name in SERVICES
        for slot in (steps[-1].state.service(name).blue, steps[-1].state.service(name).green)
    }
    assert audiences == {None}


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
    options = Options(replicas={"backend": 1, "frontend": 1}, back=back)
    steps = STRATEGIES["blue_green"].steps(start, target, options)
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
    options = Options(replicas={"backend": 2, "frontend": 2}, back=True)
    steps = STRATEGIES["blue_green"].steps(state, old, options)

    for step in steps:
        for name in SERVICES:
            assert step.state.service(name).blue.replicas == held.blue.replicas
            assert step.state.service(name).green.replicas == held.green.replicas


@every_strategy
def test_a_strategy_goes_by_the_name_in_the_registry_and_says_whether_it_interrupts(strategy):
    assert STRATEGIES[strategy.name] is strategy
    assert ("downtime" in strategy.summary) == strategy.downtime
