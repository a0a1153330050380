"""The performance gate: errors under load, and response times against the last release."""

from dataclasses import dataclass

from automation.gates.base import Context, GateResult, Verdict
from automation.probes.load import LoadResult


@dataclass(frozen=True, kw_only=True)
class PerformanceGate:
    """Fail for too many errors; report a p95 that is much worse than the baseline's.

    Much worse is more than `tolerance` times and more than `at_least_ms` milliseconds slower:
    a few milliseconds more are noise, whatever their ratio.
    """

    tolerance: float = 2.0
    error_rate_percent: float = 5.0
    at_least_ms: float = 50.0

    def evaluate(self, context: Context) -> GateResult:
        """Compare the context's load with its baseline."""
        load = context.load
        if load is None or load.error_rate_percent is None:
            return GateResult(Verdict.INCONCLUSIVE, "no request of a load was sent")
        evidence: dict[str, object] = {
            "measured": load.record(),
            "baseline": None if context.baseline is None else dict(context.baseline),
            "answers": load.answers,
            "sent": load.sent,
        }
        findings = _refusals(load)
        if load.error_rate_percent > self.error_rate_percent:
            reason = (
                f"{load.failed} of {load.sent} requests failed, more than the threshold of "
                f"{self.error_rate_percent:g} %"
            )
            return GateResult(Verdict.FAIL, reason, evidence, findings)
        before = (context.baseline or {}).get("p95_ms")
        if load.p95_ms is None or before is None:
            reason = "the last release has no record of response times to compare with"
            return GateResult(Verdict.INCONCLUSIVE, reason, evidence, findings)
        reason = f"p95 is {load.p95_ms:.0f} ms, {before:.0f} ms with the last release"
        if self._much_worse(load.p95_ms, before):
            finding = f"slower than the last release: {reason}"
            return GateResult(Verdict.PASS, finding, evidence, (finding, *findings))
        return GateResult(Verdict.PASS, reason, evidence, findings)

    def _much_worse(self, now: float, before: float) -> bool:
        return now > self.tolerance * before and now - before > self.at_least_ms


def _refusals(load: LoadResult) -> tuple[str, ...]:
    refused = sum(count for answer, count in load.answers.items() if answer.startswith("4"))
    if not refused:
        return ()
    return (f"{refused} of {load.sent} requests of the load were answered 4xx: check its paths",)
