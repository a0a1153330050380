"""Put on record what a gate has said, and which verdict a deployment did not go on from."""

from datetime import UTC, datetime
from typing import Literal

from automation import deaths, site
from automation.context import Context
from automation.errors import DeploymentFailed
from automation.gates.base import GateResult, Verdict
from automation.reports.course import GateFact
from components.contract.desired import SlotName
from components.contract.release import ServiceName

VERDICTS: dict[Verdict, Literal["pass", "fail", "inconclusive"]] = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "inconclusive",
}


def record(
    context: Context,
    gate: str,
    result: GateResult,
    *,
    go_on: bool,
    step: int | None = None,
    service: ServiceName | None = None,
    slot: SlotName | None = None,
    weight: int | None = None,
) -> None:
    """Take a verdict into the report; where it ends the deployment, that begins to go back."""
    context.facts.gates.append(
        GateFact(
            step=step,
            service=service,
            slot=slot,
            gate=gate,
            verdict=VERDICTS[result.verdict],
            reason=context.redactor.text(result.reason),
            evidence=result.evidence,
            weight=weight,
            at=datetime.now(UTC),
            log=site.log_tail(context, service, slot) if service and slot and not go_on else (),
            ended=not go_on,
        )
    )
    if not go_on:
        context.failed_at = context.clock.time()


def alive(context: Context) -> None:
    """See that no replica has died since it was placed. Raise DeploymentFailed otherwise."""
    died = deaths.since(context)
    if died is None:
        return
    result = GateResult(Verdict.FAIL, f"{died} since it was placed")
    record(context, "health", result, go_on=False)
    raise DeploymentFailed(result.reason)
