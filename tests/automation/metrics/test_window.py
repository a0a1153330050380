"""What slots served between one look and the next, whatever happens to the counters."""

import pytest

from automation.metrics.base import SlotTraffic, SourceUnavailable
from automation.metrics.latency import Band
from automation.metrics.window import Look, Window
from tests.doubles.traffic import served


def test_a_look_shows_what_was_served_since_the_one_before() -> None:
    window = Window("backend", "green", "blue")
    window.begin({("backend", "green"): served(10), ("backend", "blue"): served(100)}, 5)

    first = window.look({("backend", "green"): served(13), ("backend", "blue"): served(150)}, 7)
    second = window.look({("backend", "green"): served(14), ("backend", "blue"): served(150)}, 9)

    assert (first.seconds, first.new, first.old) == (2, served(3), served(50))
    assert (second.new, second.old) == (served(1), served(0))
    assert first.plus(second) == Look(4, served(4), served(50))


def test_without_an_old_slot_there_is_nothing_beside_the_new_one() -> None:
    window = Window("backend", "green", None)
    window.begin({("backend", "green"): served(0)}, 0)

    assert window.look({("backend", "green"): served(2)}, 1).old is None


def test_a_load_balancer_that_was_started_anew_costs_one_look() -> None:
    window = Window("backend", "green", None)
    window.begin({("backend", "green"): served(1000)}, 0)
    readings = [served(1100), served(20), served(1500)]

    looks = [window.look({("backend", "green"): each}, 1).new.requests for each in readings]

    assert looks == [100, 20, 1480]


def test_a_slot_that_the_source_does_not_know_is_named() -> None:
    with pytest.raises(SourceUnavailable, match="do not know backend green"):
        Window("backend", "green", None).begin({("backend", "blue"): served(1)}, 0)


@pytest.mark.parametrize(
    ("slot", "errors"),
    [
        (SlotTraffic(requests=9, failed=3), 3),
        (SlotTraffic(requests=9, failed=3, unavailable=3, broken=3), 3),
        (SlotTraffic(requests=9, retried=2, broken=2), 2),
        (SlotTraffic(requests=9, retried=2), 2),
        (SlotTraffic(requests=9, broken=4), 4),
        (SlotTraffic(requests=9, failed=2, retried=1, unavailable=1, broken=5), 6),
    ],
    ids=["answers", "in-its-place", "repeated", "not-connected", "inside-an-answer", "mixed"],
)
def test_a_failure_is_counted_once(slot: SlotTraffic, errors: int) -> None:
    assert slot.errors == errors


def test_any_counter_that_fell_was_counted_from_zero() -> None:
    before = SlotTraffic(requests=5, failed=2, latencies={Band(1, 2): 5})

    for now in (
        SlotTraffic(requests=4, failed=3, latencies={Band(1, 2): 6}),
        SlotTraffic(requests=6, failed=1, latencies={Band(1, 2): 6}),
        SlotTraffic(requests=6, failed=3, latencies={Band(2, 3): 6}),
    ):
        assert now.since(before) == now
