"""Step 7: take the strategy's steps, each decided by its gate."""

import time
from dataclasses import replace
from typing import Literal

from automation import site
from automation.context import Context
from automation.declare import declare
from automation.errors import DeploymentFailed
from automation.events import StepNotes
from automation.gates.base import GateResult, Verdict
from automation.reports.observed import DeployedFact
from automation.strategies.base import Step
from components.contract import outputs
from components.contract.desired import DesiredState
from components.contract.release import SERVICES, ServiceName

VERDICTS: dict[Verdict, Literal["pass", "fail", "inconclusive"]] = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "inconclusive",
}


def run(context: Context, notes: StepNotes) -> None:
    """Go through the steps. Raise DeploymentFailed at the first gate that does not pass."""
    began = time.monotonic()
    for number, step in enumerate(context.steps, start=1):
        context.interruption.check()
        started = time.monotonic()
        context.events.progress(step.description)
        if not _declared_already(context, step):
            declare(context, _with_head(context, step), step=number)
        result = gate(context, step)
        context.facts.rollout[number - 1] = replace(
            context.facts.rollout[number - 1],
            verdict=VERDICTS[result.verdict] if result else "pass",
            seconds=time.monotonic() - started,
        )
        if result is not None and result.verdict is not Verdict.PASS:
            _failed(context, step, result)
    _record(context, time.monotonic() - began)
    notes.message = f"{context.target().id} has all traffic after {len(context.steps)} steps"


def gate(context: Context, step: Step) -> GateResult | None:
    """Return the first verdict that is not a pass, else the last one; None without a gate."""
    result: GateResult | None = None
    for service, slot in step.slots.items():
        if step.gate == "none":
            continue
        result = site.health(context, context.target(), service, slot)
        if result.verdict is Verdict.PASS:
            # An idle slot is asked for by header, one with traffic like anybody asks.
            by_header = slot if step.gate == "health" else None
            result = site.served(context, context.target(), service, by_header)
        if result.verdict is not Verdict.PASS:
            return result
    return result


def _declared_already(context: Context, step: Step) -> bool:
    same = all(step.state.service(s) == context.declared.service(s) for s in SERVICES)
    return same and context.target().id in context.declared.releases


def _with_head(context: Context, step: Step) -> DesiredState:
    return step.state.model_copy(update={"alembic_head": context.declared.alembic_head})


def _failed(context: Context, step: Step, result: GateResult) -> None:
    details: list[str] = []
    for service, slot in step.slots.items():
        lines = site.log_tail(context, service, slot)
        if lines:
            details.append(f"the end of the log of {service}-{slot}-0:")
            details += [f"  {line}" for line in lines]
    raise DeploymentFailed(f"{step.description}: {result.reason}", details=tuple(details))


def _record(context: Context, seconds: float) -> None:
    target, found = context.target(), context.outputs
    settings = context.settings
    platforms: dict[ServiceName, str] = {
        "backend": settings.backend_platform,
        "frontend": settings.frontend_platform,
    }
    urls: dict[ServiceName, str] = {
        "backend": outputs.API_URL,
        "frontend": outputs.PUBLIC_URL,
    }
    healths: dict[ServiceName, str] = {
        "backend": outputs.BACKEND_HEALTH_URL,
        "frontend": outputs.FRONTEND_HEALTH_URL,
    }
    for service, platform in platforms.items():
        if target.artifact(service) is None:
            continue
        slots = context.declared.service(service)
        live = slots.live()
        context.facts.services[service] = DeployedFact(
            status="success",
            platform=platform,
            url=found.get(urls[service]),
            health_url=found.get(healths[service]),
            seconds=seconds,
            replicas=slots.slot(live).replicas if live else None,
        )
