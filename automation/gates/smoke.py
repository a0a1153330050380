"""The smoke gate: no flow that matters failed."""

from dataclasses import dataclass
from typing import get_args

from automation.gates.base import Context, GateResult, Verdict
from automation.specification.models import Severity


@dataclass(frozen=True, kw_only=True)
class SmokeGate:
    """Fail when a flow of a `decisive` severity failed; others that failed are findings.

    A decisive flow that was skipped leaves the verdict open: what was not seen cannot pass.
    """

    decisive: tuple[Severity, ...] = ("critical", "high")

    def evaluate(self, context: Context) -> GateResult:
        """Judge the flows that were run."""
        flows = context.flows
        if not flows:
            return GateResult(Verdict.INCONCLUSIVE, "no smoke flow is declared")
        failed = [flow for flow in flows if flow.status == "failed"]
        skipped = [flow for flow in flows if flow.status == "skipped"]
        passed = len(flows) - len(failed) - len(skipped)
        evidence: dict[str, object] = {
            "total": len(flows),
            "passed": passed,
            "failed": [flow.name for flow in failed],
            "skipped": [flow.name for flow in skipped],
        }
        findings = tuple(
            f"smoke flow {flow.name} ({flow.severity}) {flow.status}: {flow.error_message}"
            for flow in (*failed, *skipped)
        )
        grave = [flow for flow in failed if flow.severity in self.decisive]
        if grave:
            reason = "; ".join(f"{f.name} ({f.severity}): {f.error_message}" for f in grave)
            evidence["severity"] = min((f.severity for f in grave), key=get_args(Severity).index)
            if all(flow.category == "data_consistency" for flow in grave):
                evidence["trigger"] = "data"
            return GateResult(Verdict.FAIL, reason, evidence, findings)
        unseen = [flow for flow in skipped if flow.severity in self.decisive]
        if unseen or not passed:
            names = ", ".join(flow.name for flow in unseen or flows)
            reason = f"not enough flows could be run: {names}"
            return GateResult(Verdict.INCONCLUSIVE, reason, evidence, findings)
        note = f", {len(failed)} of lower severity failed" if failed else ""
        reason = f"{passed} of {len(flows)} flows passed{note}"
        return GateResult(Verdict.PASS, reason, evidence, findings)
