"""Drop what only the old release used, now that nobody runs it any more."""

from typing import TYPE_CHECKING

from automation import way_back
from automation.context import Context
from automation.declare import settle
from automation.errors import Blocked, DeploymentFailed, SlipwayError
from automation.events import StepNotes, StepSkipped
from automation.migrations import journal
from automation.migrations.move import Leg, Move
from automation.migrations.rehearsal import Rehearsal
from automation.migrations.tolerance import Tolerance
from automation.schema import change, facts, keeping, recovery
from automation.schema.judging import judge
from automation.schema.means import alembic_of, place_of
from automation.steps.verify import live_is_well
from components.contract.desired import SLOTS, DesiredState, Slot
from components.contract.release import SERVICES

if TYPE_CHECKING:
    from automation.migrations.plan import MigrationPlan


def run(context: Context, notes: StepNotes) -> None:
    """Drain the old release, and apply the contracting revisions.

    Raise DeploymentFailed where that fails: the release is live, and the schema as it was.
    """
    plan, target = context.migration, context.target()
    if plan is None or not plan.later:
        raise StepSkipped("no contracting revision was held back")
    before = context.facts.migrations
    settle(context, drained(context.declared), "the old release is drained")
    move = Move(tuple(Leg.of(one) for one in plan.later), before=plan.target)
    try:
        _apply(context, plan, move)
        _see(context)
    except SlipwayError as error:
        settle(context, context.declared, "the contraction failed")
        raise DeploymentFailed(
            f"{target.id} is deployed and serves, but {move.target} was not applied: "
            f"{error.message}",
            details=error.details,
            hint=_as_it_is(context, move),
        ) from None
    except KeyboardInterrupt:
        done = context.change is not None and context.change.target == move.target
        told = "was applied, but not looked at any more" if done else "was not applied"
        context.events.note(f"{move.target} {told}{'' if done else f': {_again(context)}'}")
        raise
    finally:
        facts.contracted(context, before)
    settle(context, _on_record(context.declared, context), "contracted")
    keeping.prune(context)
    context.facts.way_back = way_back.fact(context)
    names = ", ".join(leg.revision for leg in move.legs)
    notes.message = f"{names} applied, now at {move.target}; the way back needs a downgrade"


def _apply(context: Context, plan: "MigrationPlan", move: Move) -> None:
    target = context.target()
    change.apply(
        context,
        alembic_of(context, target, context.spec()),
        change.Change(
            move=move,
            maker=target,
            serving=target,
            suffix="-contract",
            decided=lambda seen, tolerance: _decided(context, plan, seen, tolerance),
        ),
    )


def _as_it_is(context: Context, move: Move) -> str:
    """Say what the schema is now. A change that was taken back is not on record any more."""
    try:
        note = journal.read(place_of(context))
    except Blocked as refused:
        return f"How the schema is now cannot be seen ({refused.message}): see docs/runbook.md."
    if note is not None and (note.deployment, note.target) == (context.deployment, move.target):
        return "The schema could not be brought back: see docs/runbook.md first."
    return (
        "The schema is as the release was verified with. Where only a lock was missing, "
        f"{_again(context)}; else mend the revision and deploy."
    )


def _again(context: Context) -> str:
    return f"the next `./slipway up {context.environment}` of the same sources applies it"


def _on_record(state: DesiredState, context: Context) -> DesiredState:
    """Return the state with the contraction's backup in this deployment's line of the history.

    The line was written before; one that has the backup of an earlier change keeps it.
    """
    *before, last = state.history
    if last.id != context.deployment or last.backup is not None:
        return state
    last = last.model_copy(update={"backup": context.backup})
    return state.model_copy(update={"history": (*before, last)})


def drained(state: DesiredState) -> DesiredState:
    """Return the state with replicas only where traffic is."""
    for name in SERVICES:
        slots = state.service(name)
        for slot in SLOTS:
            held = slots.slot(slot)
            if held.replicas and not held.weight:
                slots = slots.with_slot(slot, Slot(release=held.release))
        state = state.with_service(name, slots)
    return state


def _decided(
    context: Context, plan: "MigrationPlan", rehearsal: Rehearsal | None, tolerance: Tolerance
) -> None:
    if tolerance.tolerated is False:
        raise DeploymentFailed(f"the rehearsal says: {tolerance.reason}")
    judge(context, plan, rehearsal, tolerance, "Mend the revision, or its `allow`, and deploy.")


def _see(context: Context) -> None:
    """See that the release is well on the contracted schema; take it back where it is not."""
    try:
        live_is_well(context, context.target())
    except SlipwayError:
        if context.change is not None:
            recovery.taken_back(context, context.change)
        raise
