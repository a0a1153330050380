"""A slot fails when it is worse than the old one by more than chance and by more than matters."""

from dataclasses import replace

import pytest

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.comparison import STRATUM
from automation.gates.traffic import TrafficGate
from automation.metrics.base import SlotTraffic
from automation.metrics.latency import Band
from automation.metrics.window import Look
from tests.doubles.traffic import served

GATE = TrafficGate(minimum=200)


def look(new: SlotTraffic, old: SlotTraffic | None, *, closes: bool = True) -> Look:
    return Look(2.0, new, old, closes)


def evaluate(*looks: Look, gate: TrafficGate = GATE) -> GateResult:
    return gate.evaluate(Context(looks=looks))


def times(**counts: int) -> dict[Band, int]:
    """Make response times of `ms10=3`: three that took 10 ms."""
    return {Band(float(k[2:]), float(k[2:]) + 1): count for k, count in counts.items()}


def test_a_slot_that_does_as_well_passes_with_the_figures_of_both() -> None:
    result = evaluate(look(served(300, 2), served(4000, 30)))

    assert result.verdict is Verdict.PASS
    assert result.reason == (
        "300 requests, 2 errors, p95 11 ms; old 4000 requests, 30 errors, p95 11 ms"
    )
    assert result.evidence["new"] == {
        "requests": 300,
        "errors": 2,
        "error_rate_percent": 0.6667,
        "timed": 300,
        "p50_ms": 10.5,
        "p95_ms": 10.95,
        "p99_ms": 10.99,
    }
    assert result.evidence["rejected"] == []


def test_errors_beyond_chance_fail_with_both_rates_and_the_evidence() -> None:
    result = evaluate(look(served(220, 11), served(4000, 4)))

    assert result.verdict is Verdict.FAIL
    assert result.reason == (
        "11 of 220 requests failed (5 %), 4 of 4000 requests failed (0.1 %) with the old release"
    )
    assert result.evidence["rejected"] == ["errors"]
    p_values, alphas = result.evidence["p_values"], result.evidence["alpha"]
    assert isinstance(p_values, dict)
    assert isinstance(alphas, dict)
    assert p_values["errors"] < alphas["errors"] == 0.005
    assert sum(alphas.values()) == pytest.approx(0.01)


def test_a_few_errors_may_be_chance() -> None:
    assert evaluate(look(served(220, 2), served(4000, 4))).verdict is Verdict.PASS


def test_a_difference_that_is_certain_and_tiny_does_not_matter() -> None:
    result = evaluate(look(served(100_000, 800), served(100_000, 0)))

    assert result.verdict is Verdict.PASS


@pytest.mark.parametrize("failed", [0, 199])
def test_too_little_traffic_is_neither_a_pass_nor_a_fail(failed: int) -> None:
    result = evaluate(look(served(199, failed), served(4000)))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason == "199 requests are too few for a verdict, which needs 200"


def test_the_old_slot_must_have_served_enough_as_well() -> None:
    for failed in (0, 150):
        result = evaluate(look(served(400), served(150, failed)))

        assert result.verdict is Verdict.INCONCLUSIVE
        assert result.reason.startswith("the old release: 150 requests are too few")


def test_too_small_an_old_slot_convicts_nobody() -> None:
    assert evaluate(look(served(400, ms=150), served(199, ms=50))).verdict is Verdict.INCONCLUSIVE
    assert evaluate(look(served(400, ms=150), served(200, ms=50))).verdict is Verdict.FAIL


def test_response_times_that_are_not_known_are_no_pass() -> None:
    result = evaluate(look(SlotTraffic(requests=300), served(4000)))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason == "response times of 0 requests are too few, of 300 served"


def test_no_look_at_all_is_no_pass() -> None:
    assert evaluate().verdict is Verdict.INCONCLUSIVE


def test_three_times_slower_fails() -> None:
    result = evaluate(look(served(300, ms=150), served(4000, ms=50)))

    assert result.verdict is Verdict.FAIL
    assert result.reason == (
        "p95 is 151 ms, 51 ms with the old release; p99 is 151 ms, 51 ms with the old release"
    )


def test_a_slow_tail_alone_fails_by_its_p99() -> None:
    new = SlotTraffic(requests=2000, latencies=times(ms20=1950, ms900=50))
    old = SlotTraffic(requests=9000, latencies=times(ms20=8990, ms900=10))

    result = evaluate(look(new, old))

    assert (result.verdict, result.evidence["rejected"]) == (Verdict.FAIL, ["p99"])


@pytest.mark.parametrize(("old", "new"), [(4, 20), (100, 190)], ids=["milliseconds", "less"])
def test_slower_by_little_passes(old: float, new: float) -> None:
    assert evaluate(look(served(300, ms=new), served(4000, ms=old))).verdict is Verdict.PASS


def test_what_is_slow_for_both_at_the_same_time_is_not_the_new_releases_fault() -> None:
    looks = [
        look(served(20, ms=10), served(980, ms=10)),
        look(served(400, ms=300), served(400, ms=300)),
    ]

    # Its p95 is 30 times that of the old slot, whose requests were mostly served before.
    assert evaluate(*looks, look(served(0), served(9000, ms=10))).verdict is Verdict.PASS


def test_errors_of_both_at_the_same_time_are_not_the_new_releases_fault() -> None:
    looks = [look(served(20), served(9000)), look(served(400, 40), served(400, 40))]

    assert evaluate(*looks).verdict is Verdict.PASS


@pytest.mark.parametrize("old", [None, SlotTraffic()], ids=["first-release", "without-traffic"])
def test_without_an_old_release_the_thresholds_decide_and_it_is_said(
    old: SlotTraffic | None,
) -> None:
    well = evaluate(look(served(300, 6), old))
    failing = evaluate(look(served(300, 45), old))
    slow = evaluate(look(served(300, ms=1500), old))

    assert well.verdict is Verdict.PASS
    assert "compared with the thresholds alone" in well.reason
    assert failing.verdict is slow.verdict is Verdict.FAIL
    assert failing.reason == "45 of 300 requests failed (15 %), the threshold is 5 %"
    assert slow.reason == "p95 is 1501 ms, the threshold is 1000 ms"


def test_going_back_to_what_is_beyond_the_threshold_as_well_mends_nothing() -> None:
    result = evaluate(look(served(1000, 150), served(4000, 600)))

    assert result.verdict is Verdict.PASS
    assert result.findings == (
        "150 of 1000 requests failed (15 %), the threshold is 5 %; "
        "the old release is beyond it as well",
    )


def test_nobody_looks_into_a_stratum_before_its_end() -> None:
    gate = replace(GATE, minimum=10)
    small = look(served(20, 20), served(STRATUM - 30), closes=False)

    assert evaluate(small, gate=gate).verdict is Verdict.PASS
    assert evaluate(replace(small, closes=True), gate=gate).verdict is Verdict.FAIL
    assert evaluate(small, look(served(0), served(10), closes=False), gate=gate).verdict is (
        Verdict.FAIL
    )
