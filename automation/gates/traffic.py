"""The traffic gate: what a slot served, against the old slot beside it and the thresholds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.comparison import Comparison, failures
from automation.gates.trial import SHARES, Limits, Test, trial
from automation.metrics.base import SlotTraffic
from automation.metrics.window import Look

ALONE = " (no old release beside it has traffic: compared with the thresholds alone)"
TIMED = 0.75
"""Share of the minimum whose response times must be known: they lag, and failures have none."""


@dataclass(frozen=True, kw_only=True)
class TrafficGate:
    """Fail when a slot is worse than the old one beside it, or than the thresholds, beyond chance.

    Each slot must have served `minimum` requests. With no old slot that has traffic the
    thresholds decide alone. It may be asked after every look; its false alarms stay within
    `limits.alpha` over all of them.
    """

    minimum: int = 450
    limits: Limits = field(default_factory=Limits)

    def evaluate(self, context: Context) -> GateResult:
        """Judge all the looks of the context together."""
        return self.verdict(self.comparison(context.looks))

    def comparison(self, looks: Iterable[Look] = ()) -> Comparison:
        """Return what further looks may be added to, each at the cost of that look alone."""
        return Comparison(self.limits.p95_milliseconds, looks)

    def verdict(self, comparison: Comparison) -> GateResult:
        """Judge all the looks that were compared."""
        seen = comparison.seen
        if seen is None:
            return GateResult(Verdict.INCONCLUSIVE, "the traffic of the slot was not looked at")
        tests = trial(comparison, self.limits)
        evidence = self._evidence(seen, tests) | {"looks": comparison.looks}
        lacking, lacking_old = self.lacking(seen)
        if lacking:
            return GateResult(Verdict.INCONCLUSIVE, self._thin(seen.new), evidence)
        compared = [test for test in tests if not (test.relative and lacking_old)]
        worse = [test for test in compared if test.worse and not test.excused]
        findings = tuple(
            f"{test.told}; the old release is beyond it as well"
            for test in compared
            if test.worse and test.excused
        )
        if worse:
            reason = "; ".join(test.told for test in worse)
            evidence["rejected"] = [test.name for test in worse]
            failing = any(test.name.startswith("errors") for test in worse)
            evidence["trigger"] = "error_rate" if failing else "latency"
            return GateResult(Verdict.FAIL, reason, evidence, findings)
        if seen.old is not None and seen.old.requests and lacking_old:
            reason = f"the old release: {self._thin(seen.old)}"
            return GateResult(Verdict.INCONCLUSIVE, reason, evidence, findings)
        return GateResult(Verdict.PASS, _passing(seen), evidence, findings)

    def lacking(self, seen: Look) -> tuple[int, int]:
        """Return how many requests the new and the old slot lack for a verdict."""
        return self._lacks(seen.new), 0 if seen.old is None else self._lacks(seen.old)

    def _lacks(self, slot: SlotTraffic) -> int:
        untimed = 0 if slot.timed >= TIMED * self.minimum else self.minimum - slot.timed
        return max(0, self.minimum - slot.requests, untimed)

    def _thin(self, slot: SlotTraffic) -> str:
        if slot.requests < self.minimum:
            return f"{slot.requests} requests are too few for a verdict, which needs {self.minimum}"
        return f"response times of {slot.timed} requests are too few, of {slot.requests} served"

    def _evidence(self, seen: Look, tests: Sequence[Test]) -> dict[str, object]:
        return {
            "new": record(seen.new),
            "old": None if seen.old is None else record(seen.old),
            "window_seconds": round(seen.seconds, 3),
            "minimum": self.minimum,
            "alpha": {test.name: _rounded(self.limits.alpha * SHARES[test.name]) for test in tests},
            "p_values": {test.name: _rounded(test.p_value) for test in tests},
            "rejected": [],
        }


def record(slot: SlotTraffic) -> dict[str, object]:
    """Return the figures of a slot as JSON values; percentiles are in milliseconds."""
    errors, requests = failures(slot)
    figures = {f"p{percent}_ms": slot.percentile(percent) for percent in (50, 95, 99)}
    return {
        "requests": requests,
        "errors": errors,
        "error_rate_percent": round(100 * errors / requests, 4) if requests else None,
        "timed": slot.timed,
        **{name: None if each is None else round(each, 3) for name, each in figures.items()},
    }


def summary(look: Look) -> str:
    """Return the figures of both slots in a line."""
    figures = [_line(look.new)]
    if look.old is not None:
        figures.append(f"old {_line(look.old)}")
    return "; ".join(figures)


def _line(slot: SlotTraffic) -> str:
    errors, requests = failures(slot)
    p95 = slot.percentile(95)
    times = "" if p95 is None else f", p95 {p95:.0f} ms"
    return f"{requests} requests, {errors} errors{times}"


def _passing(seen: Look) -> str:
    alone = "" if seen.old is not None and seen.old.requests else ALONE
    return f"{summary(seen)}{alone}"


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
