"""Take the strategy's steps, each decided by its gate."""

import time
from dataclasses import replace

from automation import deaths, gating, placing, site, verdicts
from automation.context import Context
from automation.declare import declare
from automation.errors import DeploymentFailed
from automation.events import StepNotes
from automation.gates.base import GateResult
from automation.strategies.base import Step
from components.contract.desired import DesiredState
from components.contract.release import SERVICES


def run(context: Context, notes: StepNotes) -> None:
    """Go through the steps. Raise DeploymentFailed at the first gate that does not pass."""
    for number, step in enumerate(context.steps, start=1):
        context.interruption.check()
        if number < context.resume_at:
            continue  # passed before the rollout was left unfinished
        started = time.monotonic()
        context.events.progress(step.description)
        if not _declared_already(context, step):
            declare(context, _with_head(context, step), step=number)
        placing.moved(context)
        deaths.remember(context)
        judged = gating.judge(context, number, step)
        context.facts.rollout[number - 1] = replace(
            context.facts.rollout[number - 1],
            verdict=verdicts.VERDICTS[judged.result.verdict] if judged else "pass",
            seconds=time.monotonic() - started,
        )
        if judged is not None and not judged.go_on:
            _failed(context, step, judged.result)
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
