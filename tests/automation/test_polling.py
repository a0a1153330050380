"""Waiting observes at least once, at most until its deadline, and returns what it saw last."""

from automation.polling import SystemClock, wait_until
from tests.doubles.clock import FakeClock


def test_waiting_ends_with_the_first_accepted_observation() -> None:
    clock = FakeClock()
    observations = iter(["starting", "starting", "ready", "never seen"])

    last = wait_until(
        lambda: next(observations),
        accept=lambda seen: seen == "ready",
        deadline=clock.time() + 60,
        clock=clock,
        every=2,
    )

    assert last == "ready"
    assert clock.slept == [2, 2]


def test_a_passed_deadline_returns_the_last_observation() -> None:
    clock = FakeClock()

    last = wait_until(
        lambda: f"at {clock.time():g}",
        accept=lambda seen: False,
        deadline=clock.time() + 5,
        clock=clock,
        every=2,
    )

    assert last == "at 1005"
    assert clock.slept == [2, 2, 1]


def test_there_is_an_observation_even_when_the_deadline_has_passed() -> None:
    clock = FakeClock()

    assert wait_until(lambda: 7, accept=lambda _: False, deadline=0, clock=clock) == 7
    assert clock.slept == []


def test_the_clock_of_the_machine_lets_time_pass() -> None:
    clock = SystemClock()
    before = clock.time()
    clock.sleep(0.01)

    assert clock.time() > before
