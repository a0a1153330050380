"""Whether the backend's metrics arrive where somebody reads them."""

from typing import Literal

import httpx

from automation import running, site, watching
from automation.context import Context
from automation.gates.base import Context as GateContext
from automation.gates.base import GateResult, Verdict
from automation.gates.proof import COUNTED_SECONDS
from automation.gates.telemetry import TelemetryGate
from automation.metrics.base import Source, SourceUnavailable
from automation.polling import wait_until
from automation.reaching import endpoints, replica_client
from automation.reports.observed import CheckFact
from components.contract.desired import SlotName
from components.contract.release import Artifact

REQUESTS = 20
PATIENCE_SECONDS = 60.0
"""Numbers that come later are not waited for: the deployment is over."""
STATUS: dict[Verdict, Literal["passed", "failed", "skipped"]] = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "skipped",
}


def seen(context: Context) -> CheckFact:
    """Send the live backend a few requests and see them be counted: by itself where the driver
    reaches a replica, else by whoever the numbers of slots come from."""
    release = context.declared.live_release()
    artifact = release.backend if release else None
    slot = context.declared.backend.live()
    if artifact is None or slot is None:
        return _check(GateResult(Verdict.INCONCLUSIVE, "the application has no backend"))
    if running.elsewhere(context):
        return _check(_counted_elsewhere(context, artifact, slot))
    if artifact.metrics_path is None:
        return _check(GateResult(Verdict.INCONCLUSIVE, "the application declares no metrics"))
    with replica_client(context, "backend", slot) as direct:
        gate = TelemetryGate(path=artifact.metrics_path)
        seen = GateContext(
            replicas=endpoints(context.outputs, "backend", slot),
            direct=direct,
            traffic=lambda: _traffic(context, artifact),
        )
        return _check(gate.evaluate(seen))


def _counted_elsewhere(context: Context, artifact: Artifact, slot: SlotName) -> GateResult:
    if "backend" in context.proven:
        return GateResult(Verdict.PASS, "requests were counted before the rollout")
    with watching.numbers(context) as source:
        if source is None:
            return GateResult(Verdict.INCONCLUSIVE, "no platform here tells what was served")
        try:
            if source.lag_seconds > PATIENCE_SECONDS:
                minutes = f"{source.lag_seconds / 60:g} minutes"
                reason = f"what was served is in the numbers {minutes} later"
                return GateResult(Verdict.INCONCLUSIVE, reason)
            return _counted(context, source, artifact, slot)
        except SourceUnavailable as error:
            return GateResult(Verdict.FAIL, str(error))


def _counted(context: Context, source: Source, artifact: Artifact, slot: SlotName) -> GateResult:
    def requests() -> int:
        known = source.traffic()
        return known["backend", slot].requests if ("backend", slot) in known else 0

    before = requests()
    sent = _traffic(context, artifact)
    after = wait_until(
        requests,
        accept=lambda count: count - before >= sent,
        deadline=context.clock.time() + COUNTED_SECONDS + source.lag_seconds,
        clock=context.clock,
        every=1.0,
    )
    if not sent:
        return GateResult(Verdict.INCONCLUSIVE, "none of the requests was answered")
    if after - before >= sent:
        return GateResult(Verdict.PASS, f"the {sent} requests that were sent are counted")
    return GateResult(Verdict.FAIL, f"of {sent} requests that were sent {after - before} count")


def _check(result: GateResult) -> CheckFact:
    return CheckFact(
        name="metrics",
        status=STATUS[result.verdict],
        details=result.reason,
        item="metrics_collected",
    )


def _traffic(context: Context, artifact: Artifact) -> int:
    with site.client(context.outputs) as public:
        return sum(_answered(public, site.path_of(artifact)) for _ in range(REQUESTS))


def _answered(public: httpx.Client, path: str) -> bool:
    try:
        return bool(public.get(path).status_code < httpx.codes.INTERNAL_SERVER_ERROR)
    except httpx.HTTPError:
        return False  # the release is deployed: a lost answer is no reason to say otherwise
