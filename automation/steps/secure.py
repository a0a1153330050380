"""Step 10: write the history, keep the way back warm, and say what it is."""

from datetime import UTC, datetime

from automation import retention
from automation.context import Context
from automation.declare import settle
from automation.events import StepNotes
from automation.reports.happened import PlannedStep, WayBackFact
from components.contract.desired import DeploymentRecord, DesiredState, Outcome
from components.contract.release import SERVICES, Release


def run(context: Context, notes: StepNotes) -> None:
    """Declare the rollout finished, on record; then prune what no release needs any more."""
    state = finished(context, context.declared, "deployed", context.target(), None)
    settle(context, state, "finished")
    pruned = retention.prune(context.home, context.environment, state, context.settings)
    previous = context.live.live_release()
    if previous is None or previous.id == context.target().id:
        context.facts.explain("evidence.way_back", "no other release was live before")
        notes.message = "this is the first release: there is no older one to go back to"
        return
    command = f"./slipway rollback {context.environment}"
    context.facts.way_back = _way_back(context, previous, command)
    notes.message = f"{command} returns to {previous.id}" + (
        f"; {pruned} old artifacts removed" if pruned else ""
    )


def finished(
    context: Context, state: DesiredState, outcome: Outcome, release: Release, reason: str | None
) -> DesiredState:
    """Return the state with the rollout over and its line in the history."""
    previous = context.live.live_release()
    record = DeploymentRecord(
        id=context.deployment,
        release=release.id,
        version=release.version,
        commit=release.commit,
        action="rollback" if context.action == "rollback" else "deploy",
        strategy=context.settings.strategy,
        outcome=outcome,
        reason=context.redactor.text(reason) if reason else None,
        started_at=context.started.isoformat(timespec="seconds"),
        seconds=round((datetime.now(UTC) - context.started).total_seconds(), 1),
        deployer=context.deployer,
        previous=previous.id if previous else None,
        performance=context.performance,
        backup=context.backup,
    )
    return state.model_copy(update={"rollout": None, "history": (*state.history, record)})


def _way_back(context: Context, previous: Release, command: str) -> WayBackFact:
    same = previous.alembic_head == context.target().alembic_head
    effect = (
        "the schema is the same for both releases"
        if same
        else f"the schema stays at {context.target().alembic_head}; {previous.id} was built for "
        f"{previous.alembic_head}, and must live with the newer one to pass the gates"
    )
    artifacts = {name: a.path for name in SERVICES if (a := previous.artifact(name))}
    found = context.specification
    steps = (
        PlannedStep(description="Return traffic to the previous release", command=command),
        PlannedStep(
            description="See that it is live and healthy",
            command=f"./slipway status {context.environment}",
        ),
    )
    return WayBackFact(
        command=command,
        release=previous.id,
        version=previous.version,
        effect=effect,
        artifacts=artifacts,
        steps=steps,
        procedure=found.rollback.procedure if found else (),
        triggers=found.rollback.triggers if found else (),
        criteria=("every replica is ready", f"the release header names {previous.id}"),
        timeout_seconds=float(context.settings.health_timeout_seconds),
    )
