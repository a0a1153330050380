import pytest

from automation.declare import traffic_back
from components.contract.desired import DesiredState, Slot, Slots
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
