"""The tests of the traffic gate, each with its figures and its words."""

from collections.abc import Mapping
from dataclasses import dataclass

from automation.gates.comparison import PERCENTILES, Comparison, failures
from automation.gates.statistics import p_more_than_allowed, p_more_than_other
from automation.metrics.base import SlotTraffic
from automation.metrics.window import Look

SHARES: Mapping[str, float] = {
    "errors": 0.5,
    "p95": 0.2,
    "p99": 0.1,
    "errors_threshold": 0.1,
    "p95_threshold": 0.1,
}
"""Test -> its share of alpha. Errors are what a few requests have to be enough for."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is tolerated. `alpha` is for all tests of one evaluation together.

    Against the old slot: a rate higher by up to `margin_percent`, percentiles that are up to
    `tolerance` times as long, or up to `at_least_ms` longer. In all: `error_rate_percent` and
    `p95_milliseconds`.
    """

    alpha: float = 0.01
    margin_percent: float = 1.0
    tolerance: float = 2.0
    at_least_ms: float = 20.0
    error_rate_percent: float = 5.0
    p95_milliseconds: float = 1000.0


@dataclass(frozen=True)
class Test:
    """What one test says: the slot is worse if that is `significant` and if it `matters`.

    It is `excused` where the old slot is beyond a threshold too: going back would not mend it.
    """

    name: str
    p_value: float
    significant: bool
    matters: bool
    told: str
    excused: bool = False

    @property
    def relative(self) -> bool:
        """Say whether the old slot was needed for this."""
        return not self.name.endswith("threshold")

    @property
    def worse(self) -> bool:
        """Say whether the new slot is worse, excused or not."""
        return self.significant and self.matters


def trial(comparison: Comparison, limits: Limits) -> list[Test]:
    """Run every test for which there is something to compare."""
    seen = comparison.seen
    if seen is None:
        return []
    tests = [_errors_limit(comparison, seen, limits), _p95_limit(comparison, seen, limits)]
    if seen.old is not None and seen.old.requests:
        tests.insert(0, _errors(comparison, seen.new, seen.old, limits))
        tests += [_slower(comparison, each, seen.new, seen.old, limits) for each in PERCENTILES]
    return tests


def _errors(comparison: Comparison, new: SlotTraffic, old: SlotTraffic, limits: Limits) -> Test:
    rate, before = new.error_rate_percent or 0.0, old.error_rate_percent or 0.0
    told = f"{_failed(new)}, {_failed(old)} with the old release"
    p_value = p_more_than_other(comparison.errors)
    return _test("errors", p_value, rate - before >= limits.margin_percent, told, limits)


def _slower(
    comparison: Comparison, percent: int, new: SlotTraffic, old: SlotTraffic, limits: Limits
) -> Test:
    now, before = new.percentile(percent) or 0.0, old.percentile(percent) or 0.0
    matters = now > limits.tolerance * before and now - before > limits.at_least_ms
    told = f"p{percent} is {now:.0f} ms, {before:.0f} ms with the old release"
    p_value = p_more_than_other(comparison.slow[percent])
    return _test(f"p{percent}", p_value, matters and old.timed > 0, told, limits)


def _errors_limit(comparison: Comparison, seen: Look, limits: Limits) -> Test:
    limit = limits.error_rate_percent
    p_value = p_more_than_allowed(comparison.failures, limit / 100)
    told = f"{_failed(seen.new)}, the threshold is {limit:g} %"
    beyond = (seen.new.error_rate_percent or 0.0) > limit
    excused = seen.old is not None and (seen.old.error_rate_percent or 0.0) > limit
    return _test("errors_threshold", p_value, beyond, told, limits, excused=excused)


def _p95_limit(comparison: Comparison, seen: Look, limits: Limits) -> Test:
    limit = limits.p95_milliseconds
    now = seen.new.percentile(95) or 0.0
    told = f"p95 is {now:.0f} ms, the threshold is {limit:g} ms"
    excused = seen.old is not None and (seen.old.percentile(95) or 0.0) > limit
    p_value = p_more_than_allowed(comparison.beyond, 0.05)
    return _test("p95_threshold", p_value, now > limit, told, limits, excused=excused)


def _test(
    name: str,
    p_value: float,
    matters: bool,
    told: str,
    limits: Limits,
    *,
    excused: bool = False,
) -> Test:
    return Test(name, p_value, p_value <= limits.alpha * SHARES[name], matters, told, excused)


def _failed(slot: SlotTraffic) -> str:
    errors, requests = failures(slot)
    return f"{errors} of {requests} requests failed ({100 * errors / max(1, requests):.2g} %)"
