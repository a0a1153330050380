"""A step is watched through its hold; thin traffic is topped up, and then the policy decides."""

from collections.abc import Callable
from typing import Any

import pytest

from automation.gates.base import Verdict
from automation.gates.judge import Decision, judge
from automation.specification.models import Thresholds
from components.contract.settings import Settings
from tests.doubles.clock import FakeClock
from tests.doubles.traffic import Balancer, Slot

GREEN, BLUE = ("backend", "green"), ("backend", "blue")
SETTINGS = Settings(gate_requests=200, gate_synthetic_requests=500, canary_hold_seconds=10)


class Step:
    """A step of the backend before its gate. `told` is what was reported."""

    def __init__(self, new: Slot, old: Slot | None = None, **fields: Any) -> None:
        self.clock = FakeClock()
        slots = {GREEN: new} if old is None else {GREEN: new, BLUE: old}
        self.balancer = Balancer(self.clock, slots, **fields)  # type: ignore[arg-type]
        self.old = old
        self.told: list[str] = []
        self.began = self.clock.now

    def judge(self, cancelled: Callable[[], bool] = lambda: False, **settings: object) -> Decision:
        return judge(
            self.balancer,
            {"backend": "green"},
            {} if self.old is None else {"backend": "blue"},
            settings=SETTINGS.model_copy(update=settings),
            thresholds=Thresholds(),
            gated_steps=6,
            sender=self.balancer,
            clock=self.clock,
            progress=self.told.append,
            cancelled=cancelled,
        )

    @property
    def seconds(self) -> float:
        return self.clock.now - self.began


def test_a_good_slot_goes_on_after_its_hold() -> None:
    step = Step(Slot(rate=50), Slot(rate=950))

    decision = step.judge()

    assert (decision.result.verdict, decision.go_on) == (Verdict.PASS, True)
    assert step.seconds == pytest.approx(10)
    assert decision.result.reason == (
        "backend green: 500 requests, 0 errors, p95 11 ms; old 9500 requests, 0 errors, p95 11 ms"
    )
    assert step.told[-1] == decision.result.reason
    assert len(step.told) == 5
    evidence = decision.result.evidence["backend"]
    assert isinstance(evidence, dict)
    assert (evidence["slot"], evidence["old_slot"], evidence["looks"]) == ("green", "blue", 5)
    assert evidence["window_seconds"] == pytest.approx(10)
    assert step.balancer.sent == {}


def test_a_hold_is_longer_by_what_the_numbers_are_late() -> None:
    step = Step(Slot(rate=50), Slot(rate=950))
    step.balancer.lag_seconds = 60.0  # type: ignore[misc]

    decision = step.judge()

    assert decision.go_on
    assert step.seconds == pytest.approx(70)


def test_synthetic_requests_are_waited_for_as_long_as_the_numbers_are_late() -> None:
    step = Step(Slot(rate=1))
    step.balancer.lag_seconds = 60.0  # type: ignore[misc]
    step.balancer.late_seconds = 55

    decision = step.judge()

    assert (decision.result.verdict, decision.go_on) == (Verdict.PASS, True)


def test_a_bad_slot_goes_back_at_the_first_look_that_shows_it() -> None:
    step = Step(Slot(rate=150, fails_every=10), Slot(rate=2850))

    decision = step.judge()

    assert (decision.result.verdict, decision.go_on) == (Verdict.FAIL, False)
    assert step.seconds == pytest.approx(2)
    assert decision.result.reason.startswith("backend green: 30 of 300 requests failed (10 %)")


def test_thin_traffic_is_topped_up_alike_in_both_slots() -> None:
    step = Step(Slot(rate=1), Slot(rate=19))

    decision = step.judge()

    assert (decision.result.verdict, decision.go_on) == (Verdict.PASS, True)
    assert step.balancer.sent == {GREEN: 199, BLUE: 199}
    assert decision.result.evidence["synthetic"] == {
        "backend": {"green": {"200": 199}, "blue": {"200": 199}}
    }


def test_what_synthetic_requests_show_counts() -> None:
    step = Step(Slot(rate=1, fails_every=4), Slot(rate=19))

    decision = step.judge()

    assert (decision.result.verdict, decision.go_on) == (Verdict.FAIL, False)


def test_synthetic_requests_do_not_exceed_what_is_configured() -> None:
    scarce = Step(Slot(rate=1), Slot(rate=30))
    scarce.judge(gate_synthetic_requests=250, gate_thin_traffic="stop")
    none = Step(Slot(rate=1), Slot(rate=30))
    none.judge(gate_synthetic_requests=150, gate_thin_traffic="stop")

    assert scarce.balancer.sent == {GREEN: 199, BLUE: 51}
    assert none.balancer.sent == {}


def test_stop_goes_back_without_a_verdict() -> None:
    step = Step(Slot(rate=1), Slot(rate=19))

    decision = step.judge(gate_synthetic_requests=0, gate_thin_traffic="stop")

    assert (decision.result.verdict, decision.go_on) == (Verdict.INCONCLUSIVE, False)
    assert decision.result.reason == (
        "backend green: 10 requests are too few for a verdict, which needs 200"
    )
    assert step.seconds == pytest.approx(10)


def test_continue_goes_on_and_says_that_there_was_no_verdict() -> None:
    step = Step(Slot(rate=1), Slot(rate=19))

    decision = step.judge(gate_synthetic_requests=0, gate_thin_traffic="continue")

    assert (decision.result.verdict, decision.go_on) == (Verdict.INCONCLUSIVE, True)
    assert decision.result.findings[0].startswith(
        "the next step was taken without a verdict: backend green: 10 requests are too few"
    )


def test_extend_holds_again_three_times_at_most() -> None:
    enough = Step(Slot(rate=8), Slot(rate=152))
    never = Step(Slot(rate=1), Slot(rate=19))

    decisions = [
        step.judge(gate_synthetic_requests=0, gate_thin_traffic="extend")
        for step in (enough, never)
    ]

    assert [each.go_on for each in decisions] == [True, False]
    assert enough.seconds == pytest.approx(30)
    assert never.seconds == pytest.approx(40)


def test_wait_waits_until_there_is_enough_or_the_time_is_over() -> None:
    enough = Step(Slot(rate=4), Slot(rate=76))
    never = Step(Slot(rate=1), Slot(rate=19))

    decisions = [
        step.judge(gate_synthetic_requests=0, gate_thin_traffic="wait", gate_wait_seconds=100)
        for step in (enough, never)
    ]

    assert [each.result.verdict for each in decisions] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    assert enough.seconds == pytest.approx(50)
    assert never.seconds == pytest.approx(110)


@pytest.mark.parametrize("policy", ["wait", "extend", "stop", "continue"])
def test_statistics_that_cannot_be_read_never_let_it_go_on(policy: str) -> None:
    at_once = Step(Slot(), Slot(), unreadable=lambda reading: True)
    at_the_end = Step(Slot(), Slot(), unreadable=lambda reading: reading > 4)

    for step in (at_once, at_the_end):
        decision = step.judge(gate_thin_traffic=policy)

        assert (decision.result.verdict, decision.go_on) == (Verdict.INCONCLUSIVE, False)
        assert "the statistics are gone" in decision.result.reason


def test_a_look_that_fails_in_between_is_made_up_for() -> None:
    step = Step(Slot(rate=50), Slot(rate=950), unreadable=lambda reading: reading in (2, 3))

    decision = step.judge()

    assert decision.result.verdict is Verdict.PASS
    assert decision.result.reason.startswith("backend green: 500 requests")
    assert step.told[0] == "the statistics are gone"


def test_a_slot_that_the_statistics_do_not_know_is_no_pass() -> None:
    step = Step(Slot())
    step.old = Slot()

    decision = step.judge(gate_thin_traffic="continue")

    assert (decision.result.verdict, decision.go_on) == (Verdict.INCONCLUSIVE, False)
    assert "do not know backend blue" in decision.result.reason


def test_without_an_old_slot_the_thresholds_decide() -> None:
    assert Step(Slot()).judge().result.reason.endswith("compared with the thresholds alone)")
    assert not Step(Slot(fails_every=5)).judge().go_on


def test_an_interrupt_ends_the_hold_at_once() -> None:
    step = Step(Slot(rate=50), Slot(rate=950))

    decision = step.judge(cancelled=lambda: step.seconds >= 5)

    assert (decision.interrupted, decision.go_on) == (True, False)
    assert step.seconds == pytest.approx(5, abs=0.5)


def test_an_interrupt_among_synthetic_requests_is_not_a_verdict() -> None:
    step = Step(Slot(rate=1), Slot(rate=19))

    decision = step.judge(cancelled=lambda: bool(step.balancer.sent))

    assert (decision.interrupted, decision.go_on) == (True, False)


def test_a_slot_that_leaves_synthetic_requests_unanswered_is_not_waved_through() -> None:
    step = Step(Slot(rate=1), Slot(rate=19), answer="no answer: timed out (read)")

    decision = step.judge(gate_thin_traffic="continue")

    assert not decision.go_on
    assert decision.result.reason.endswith("199 synthetic requests got no answer")


def test_several_services_are_watched_at_once_and_the_worst_decides() -> None:
    clock = FakeClock()
    slots = {
        GREEN: Slot(rate=150),
        BLUE: Slot(rate=2850),
        ("frontend", "blue"): Slot(rate=150, fails_every=8),
        ("frontend", "green"): Slot(rate=2850),
    }
    balancer = Balancer(clock, slots)  # type: ignore[arg-type]

    decision = judge(
        balancer,
        {"backend": "green", "frontend": "blue"},
        {"backend": "blue", "frontend": "green"},
        settings=SETTINGS,
        thresholds=Thresholds(),
        gated_steps=2,
        sender=None,
        clock=clock,
    )

    assert (decision.result.verdict, decision.go_on) == (Verdict.FAIL, False)
    assert decision.result.reason.startswith("frontend blue: 37 of 300 requests failed")
    assert {"backend", "frontend"} <= decision.result.evidence.keys()
