from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.homeward import capacity_back, traffic_back
from automation.standing import standing
from components.contract.desired import SLOTS, Audience, DesiredState, Rollout, Slot, Slots
from components.contract.outputs import EDGE_STANDBY, EDGE_TABLE
from components.contract.release import SERVICES
from tests.automation.strategies.rollouts import briefly, capacity, every_strategy, rollouts, taken
from tests.doubles.releases import release

OLD, NEW = release("old"), release("new")


def state(blue: Slot, green: Slot) -> DesiredState:
    slots = Slots(blue=blue, green=green)
    return DesiredState(releases={"old": OLD, "new": NEW}, backend=slots, frontend=slots)


BEFORE = state(Slot(release="old", replicas=2, weight=100), Slot())
STARTED = state(Slot(release="old", replicas=2, weight=100), Slot(release="new", replicas=2))
SWITCHED = state(Slot(release="old", replicas=2), Slot(release="new", replicas=2, weight=100))


def test_what_has_traffic_loses_it_before_it_is_removed():
    first = traffic_back(SWITCHED, BEFORE)

    assert first is not None
    assert first.backend == first.frontend == STARTED.backend


def test_where_one_service_alone_was_switched_the_other_one_stays_as_it_is():
    first = traffic_back(STARTED.with_service("backend", SWITCHED.backend), BEFORE)

    assert first == STARTED


def test_what_was_taken_away_meanwhile_is_in_place_before_it_gets_the_traffic():
    removed = state(Slot(), Slot(release="new", replicas=2, weight=100))

    first = traffic_back(removed, BEFORE)

    assert first is not None
    assert first.backend == STARTED.backend


@pytest.mark.parametrize("declared", [BEFORE, STARTED], ids=["untouched", "started"])
def test_where_no_traffic_moved_there_is_nothing_to_do_first(declared):
    assert traffic_back(declared, BEFORE) is None


def test_where_nothing_was_live_there_is_nowhere_to_send_traffic():
    assert traffic_back(SWITCHED, DesiredState()) is None


def test_the_rollout_stays_on_record_until_it_is_undone():
    interrupted = SWITCHED.model_copy(update={"history": BEFORE.history, "alembic_head": "0002"})

    assert traffic_back(interrupted, BEFORE).alembic_head == "0002"


def test_chosen_users_go_back_with_everybody_else():
    chosen = Slot(
        release="new", replicas=2, audience=Audience(kind="cookie", name="beta", value="1")
    )

    first = traffic_back(state(Slot(release="old", replicas=2, weight=100), chosen), BEFORE)

    assert first == STARTED


def test_a_release_that_was_scaled_down_gets_its_replicas_back_first():
    half = Slot(release="old", replicas=1, weight=50)
    rolling = state(half, Slot(release="new", replicas=1, weight=50))

    first = capacity_back(rolling, BEFORE)

    assert first is not None
    assert first.backend.blue == Slot(release="old", replicas=2, weight=50)
    assert first.backend.green == rolling.backend.green


@pytest.mark.parametrize("declared", [BEFORE, STARTED, SWITCHED], ids=["idle", "started", "moved"])
def test_a_release_with_all_its_replicas_needs_none(declared):
    assert capacity_back(declared, BEFORE) is None


def under_way(declared: DesiredState, live: DesiredState, strategy: str) -> DesiredState:
    """The state as it is declared in the middle of a rollout."""
    rollout = Rollout(
        deployment="d",
        strategy=strategy,
        step=1,
        steps=2,
        target="target",
        back_to_slots={"backend": live.backend, "frontend": live.frontend},
        owner="ada",
    )
    return declared.model_copy(update={"rollout": rollout})


def test_a_service_that_was_removed_gets_its_replicas_back_before_its_traffic():
    gone = STARTED.with_service("frontend", Slots())

    first = capacity_back(gone, BEFORE)
    second = traffic_back(first, BEFORE)

    assert first.frontend.blue == Slot(release="old", replicas=2, weight=0)
    assert second.frontend.blue == Slot(release="old", replicas=2, weight=100)


def test_what_is_on_record_but_does_not_run_is_declared_again_with_the_traffic_where_it_is():
    assert capacity_back(SWITCHED, BEFORE, stopped={"backend"}) == SWITCHED


def test_where_two_releases_must_not_run_at_once_the_old_one_is_not_started_beside_the_new():
    stopped = state(Slot(release="old"), Slot(release="new", replicas=2, weight=100))

    assert capacity_back(under_way(stopped, BEFORE, "recreate"), BEFORE) is None


@pytest.mark.parametrize("given_back", [True, False])
def test_what_is_declared_again_leaves_the_traffic_where_it_was_given_back_to(tmp_path, given_back):
    table, standby = tmp_path / "routes.json", tmp_path / "standby.json"
    standby.write_text("back")
    table.write_text("back" if given_back else "forward")
    declared = under_way(SWITCHED, BEFORE, "blue_green")
    found = {EDGE_TABLE: str(table), EDGE_STANDBY: str(standby)}

    again = standing(SimpleNamespace(declared=declared, outputs=found))

    assert again.backend == (STARTED if given_back else SWITCHED).backend
    assert again.rollout == declared.rollout


@every_strategy
@briefly
@given(rollout=rollouts(), data=st.data())
def test_every_prefix_is_undone_without_a_moment_of_too_little_capacity(strategy, rollout, data):
    live = rollout[0]
    if strategy.downtime:
        return
    steps = taken(strategy, rollout)
    at = data.draw(st.integers(0, len(steps) - 1))
    declared = under_way(steps[at].state, live, strategy.name)
    states = [declared]
    for back in (capacity_back, traffic_back):
        states.append(back(states[-1], live) or states[-1])
    states.append(live)

    for before, after in pairwise(states):
        for name in SERVICES:
            if live.service(name).live() is None:
                continue
            least = min(capacity(before, name), capacity(live, name))
            assert capacity(after, name) >= least
            for slot in SLOTS:
                had, has = before.service(name).slot(slot), after.service(name).slot(slot)
                removed = has.release != had.release or has.replicas < had.replicas
                assert not (removed and had.weight), "what has traffic is not removed"
                started = has.release != had.release or has.replicas > had.replicas
                assert not (started and has.weight > had.weight), "what has traffic was started"


@every_strategy
@briefly
@given(rollout=rollouts(), data=st.data())
def test_the_traffic_is_back_before_anything_else_changes(strategy, rollout, data):
    live = rollout[0]
    steps = taken(strategy, rollout)
    at = data.draw(st.integers(0, len(steps) - 1))
    declared = under_way(steps[at].state, live, strategy.name)
    stronger = capacity_back(declared, live) or declared

    back = traffic_back(stronger, live) or stronger

    for name in SERVICES:
        wants, has = live.service(name), back.service(name)
        if wants.live() is not None:
            assert [has.slot(s).weight for s in SLOTS] == [wants.slot(s).weight for s in SLOTS]
