"""Step 7: take the strategy's steps, each decided by its gate."""

import time
from dataclasses import replace

from automation import deaths, gating, site
from automation.context import Context
from automation.declare import declare
from automation.errors import DeploymentFailed
from automation.events import StepNotes
from automation.gates.base import GateResult
from automation.reports.observed import DeployedFact
from automation.strategies.base import Step
from components.contract import outputs
from components.contract.desired import DesiredState
from components.contract.release import SERVICES, ServiceName


def run(context: Context, notes: StepNotes) -> None:
    """Go through the steps. Raise DeploymentFailed at the first gate that does not pass."""
    began = time.monotonic()
    for number, step in enumerate(context.steps, start=1):
        context.interruption.check()
        if number < context.resume_at:
            continue  # passed before the rollout was left unfinished
        started = time.monotonic()
        context.events.progress(step.description)
        if not _declared_already(context, step):
            declare(context, _with_head(context, step), step=number)
        deaths.remember(context)
        judged = gating.judge(context, number, step)
        context.facts.rollout[number - 1] = replace(
            context.facts.rollout[number - 1],
            verdict=gating.VERDICTS[judged.result.verdict] if judged else "pass",
            seconds=time.monotonic() - started,
        )
        if judged is not None and not judged.go_on:
            _failed(context, step, judged.result)
    _record(context, time.monotonic() - began)
    notes.message = f"{context.target().id} has all traffic after {len(context.steps)} steps"


def _declared_already(context: Context, step: Step) -> bool:
    same = all(step.state.service(s) == context.declared.service(s) for s in SERVICES)
    return same and context.target().id in context.declared.releases


def _with_head(context: Context, step: Step) -> DesiredState:
    known = context.declared
    return step.state.model_copy(
        update={"alembic_head": known.alembic_head, "proofs": known.proofs}
    )


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
