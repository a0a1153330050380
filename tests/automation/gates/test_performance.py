"""Errors under load fail; much slower answers than the last release's are reported."""

import pytest

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.performance import PerformanceGate
from automation.probes.load import LoadResult


def load(p95: float | None = 100.0, failed: int = 0, **fields: object) -> LoadResult:
    measured = {"sent": 200, "failed": failed, "error_rate_percent": failed / 2}
    return LoadResult(**{**measured, "p95_ms": p95, **fields})  # type: ignore[arg-type]


def evaluate(result: LoadResult | None, p95_before: float | None) -> GateResult:
    baseline = None if p95_before is None else {"p95_ms": p95_before}
    return PerformanceGate().evaluate(Context(load=result, baseline=baseline))


def test_about_the_same_passes() -> None:
    result = evaluate(load(110), 100)

    assert result.verdict is Verdict.PASS
    assert result.reason == "p95 is 110 ms, 100 ms with the last release"
    assert result.findings == ()


@pytest.mark.parametrize(("before", "now", "reported"), [(100, 201, True), (100, 200, False)])
def test_more_than_the_tolerance_is_a_finding(before: float, now: float, reported: bool) -> None:
    result = evaluate(load(now), before)

    assert result.verdict is Verdict.PASS
    assert bool(result.findings) is reported


def test_a_few_milliseconds_are_noise_whatever_their_ratio() -> None:
    assert evaluate(load(50), 5).findings == ()
    assert evaluate(load(56), 5).findings != ()


def test_too_many_errors_fail_even_without_a_baseline() -> None:
    assert evaluate(load(failed=10), None).verdict is Verdict.INCONCLUSIVE
    result = evaluate(load(failed=11), None)

    assert result.verdict is Verdict.FAIL
    assert result.reason == "11 of 200 requests failed, more than the threshold of 5 %"


def test_the_first_release_has_nothing_to_be_compared_with() -> None:
    for result in (
        evaluate(load(), None),
        PerformanceGate().evaluate(Context(load=load(), baseline={})),
    ):
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "no record" in result.reason


def test_a_load_without_requests_says_nothing() -> None:
    assert evaluate(LoadResult(), 100).verdict is Verdict.INCONCLUSIVE


def test_a_load_on_paths_that_refuse_is_pointed_out() -> None:
    result = evaluate(load(answers={"200": 150, "401": 50}), 100)

    assert result.verdict is Verdict.PASS
    assert result.findings == ("50 of 200 requests of the load were answered 4xx: check its paths",)
