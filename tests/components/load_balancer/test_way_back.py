from typing import Any

import pytest

from components.contract.desired import Audience, DesiredState, Rollout, Slot, Slots
from components.load_balancer.way_back import way_back
from tests.components.examples import live, release

BEFORE = live(release("r1"))
TESTERS = Audience(kind="cookie", name="group", value="testers")


def under_way(backend: Slots, before: DesiredState = BEFORE) -> DesiredState:
    rollout = Rollout(
        deployment="d",
        strategy="canary",
        step=1,
        steps=3,
        target="r2",
        back_to="r1",
        back_to_slots={"backend": before.backend, "frontend": before.frontend},
        owner="o",
    )
    known = live(release("r1"), release("r2"))
    return DesiredState(**{**dict(known), "backend": backend, "rollout": rollout})


def slot(release_id: str | None = "r1", replicas: int = 2, weight: int = 0, **more: Any) -> Slot:
    return Slot(release=release_id, replicas=replicas, weight=weight, **more)


@pytest.mark.parametrize("weight", [0, 5, 100])
def test_it_leads_to_the_weights_from_before_and_leaves_the_replicas(weight: int) -> None:
    now = Slots(
        blue=slot(replicas=1, weight=100 - weight),
        green=slot("r2", weight=weight, audience=TESTERS),
    )

    returned = way_back(under_way(now))

    assert returned is not None
    assert returned.backend == Slots(blue=slot(replicas=1, weight=100), green=slot("r2"))


def test_the_audience_from_before_is_there_again() -> None:
    known = live(release("r1"), release("r2"))
    green = slot("r2", audience=TESTERS)
    before = known.with_service("backend", known.backend.with_slot("green", green))
    now = Slots(blue=slot(weight=50), green=slot("r2", weight=50))

    returned = way_back(under_way(now, before))

    assert returned is not None
    assert returned.backend.green.audience == TESTERS


@pytest.mark.parametrize(
    "backend",
    [
        Slots(blue=slot("r2", weight=100)),
        Slots(blue=slot(None, 0), green=slot("r2", weight=100)),
        Slots(blue=slot(replicas=0), green=slot("r2", weight=100)),
    ],
    ids=["another release is there", "the slot is empty", "its replicas are stopped"],
)
def test_there_is_none_where_what_was_live_is_gone(backend: Slots) -> None:
    assert way_back(under_way(backend)) is None


def test_there_is_none_without_a_rollout_or_where_nothing_was_live() -> None:
    assert way_back(live(release("r1"), release("r2"))) is None
    assert way_back(under_way(Slots(blue=slot(weight=100)), DesiredState())) is None


def test_a_service_that_is_new_is_not_live_on_the_way_back() -> None:
    before = live(release("r1", backend=None))

    returned = way_back(under_way(Slots(blue=slot("r2", weight=100)), before))

    assert returned is not None
    assert returned.backend.live() is None
    assert returned.frontend.live() == "blue"
