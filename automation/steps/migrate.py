"""Back up, rehearse on the copy, then migrate for real."""

from automation.context import Context
from automation.declare import learn
from automation.events import StepNotes, StepSkipped
from automation.migrations.move import Leg, Move
from automation.schema import change, facts, keeping, reverse
from automation.schema.facts import EMPTY
from automation.schema.judging import judge
from automation.schema.means import alembic_of
from automation.schema.stopping import stop_serving

INSTEAD = (
    "Split it into expand and contract, take a strategy with downtime (slipway:strategy: "
    "recreate), or change slipway:databasePolicy."
)


def run(context: Context, notes: StepNotes) -> None:
    """Bring the database to what the new release needs before it gets traffic.

    Raise DeploymentFailed where that fails; the database is then as it was before.
    """
    found = context.reversal
    if found is not None and found.moves:
        learn(context)
        reverse.run(context, found)
        notes.message = f"{found.mode}, now at {found.head}; backup {context.backup}"
        return
    if not context.pending:
        _skip(context, kept=found is not None and found.mode == "keep")
    learn(context)
    plan, target = context.migration, context.target()
    assert plan is not None, "what is pending was planned"
    move = Move(tuple(Leg.of(one) for one in plan.now), before=plan.at[0] if plan.at else None)
    change.apply(
        context,
        alembic_of(context, target, context.spec()),
        change.Change(
            move=move,
            maker=target,
            serving=context.live.live_release(),
            decided=lambda seen, tolerance: judge(context, plan, seen, tolerance, INSTEAD),
            # With downtime anyway, the old release need not fail on a schema that it outlives.
            about=lambda tolerance: None if tolerance.tolerated else stop_serving(context),
        ),
    )
    keeping.prune(context)
    saved = f"backup {context.backup} verified" if context.backup else EMPTY
    notes.message = f"{len(move.legs)} applied, now at {move.target}; {saved}"


def _skip(context: Context, *, kept: bool) -> None:
    """Raise StepSkipped: the schema is as it is to be."""
    plan = context.migration
    # What is held back for later is the release's, not yet the database's.
    head = plan.target if plan is not None else context.target().alembic_head
    at = context.live.alembic_head if kept else head
    facts.unneeded(context, at, "the schema is kept" if kept else "no migration was pending")
    raise StepSkipped(f"the schema stays at {at}" if kept else "no migration is pending")
