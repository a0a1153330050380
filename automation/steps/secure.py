"""Write the history, keep the way back warm, and say what it is."""

from datetime import UTC, datetime

from automation import retention, way_back
from automation.choosing import chosen
from automation.context import Context
from automation.declare import settle
from automation.events import StepNotes
from components.contract.desired import DeploymentRecord, DesiredState, Outcome
from components.contract.release import Release


def run(context: Context, notes: StepNotes) -> None:
    """Declare the rollout finished, on record; then prune what no release needs any more."""
    state = finished(context, context.declared, "deployed", context.target(), None)
    settle(context, state, "finished")
    pruned = _pruned(context, state)
    context.facts.way_back = way_back.fact(context)
    if context.facts.way_back is None:
        notes.message = "this is the first release: there is no older one to go back to"
        return
    back = context.facts.way_back
    removed = f"; {pruned} old artifacts removed" if pruned else ""
    notes.message = f"{back.command} returns to {back.release}{removed}"


def _pruned(context: Context, state: DesiredState) -> int:
    try:
        return retention.prune(context.home, context.environment, state, context.settings)
    except OSError as error:
        # The release is on record: it stays, and the next deployment tidies up.
        context.events.note(f"old artifacts could not be removed: {error}")
        return 0


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
        strategy=chosen(context).name,
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
