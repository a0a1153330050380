"""Say what will happen, and how to get back, before anything does."""

from collections.abc import Callable

from automation import replacing, splitting
from automation.choosing import chosen, options_of
from automation.context import Context
from automation.engine.update import Update
from automation.events import StepNotes
from automation.reports.happened import RolloutStepFact, StrategyFact
from automation.schema import planning
from automation.strategies.base import Strategy
from components.contract.desired import HISTORY_LIMIT, DesiredState
from components.contract.release import SERVICES, Release, ServiceName


def run(context: Context, notes: StepNotes) -> Update:
    """Plan the rollout. Raise Blocked where state would be lost that nobody allowed to lose."""
    changes = foresee(context, notes, context.engine.preview)
    replacing.consider(context, changes.resources, notes)
    return changes


def foresee(
    context: Context, notes: StepNotes, preview: Callable[[DesiredState], Update]
) -> Update:
    """Plan the rollout's steps and the migration, and preview the last step's resources."""
    settings, target = context.settings, context.target()
    if told := splitting.check(settings, target):
        context.events.note(told)
    # What happens to the schema decides whether two releases can live side by side.
    context.pending = planning.pending(context, downtime=chosen(context).downtime)
    strategy = chosen(context)
    start = recording(context.live, target)
    context.steps = list(strategy.steps(start, target, options_of(context)))
    _note(context, strategy)
    changes = preview(context.steps[-1].state)
    resources = changes.counted() or "no resource changes"
    notes.message = (
        f"{strategy.name}, {len(context.steps)} steps; {resources}; "
        f"{len(context.pending)} migrations"
    )
    return changes


def _note(context: Context, strategy: Strategy) -> None:
    """Take what is planned into the report, and say what downtime it means."""
    settings, target = context.settings, context.target()
    way_back = context.live.live_release()
    back = f"./slipway rollback {context.environment}"
    context.facts.strategy = StrategyFact(
        strategy=strategy.name,
        config={
            "backend_replicas": settings.backend_replicas,
            "frontend_replicas": settings.frontend_replicas,
            "health_successes": settings.health_successes,
            "health_timeout_seconds": settings.health_timeout_seconds,
            "steps": len(context.steps),
            "downtime": strategy.downtime,
        },
        rollback=f"traffic back to {way_back.id}: {back}" if way_back else "nothing is live yet",
    )
    context.facts.rollout = [
        RolloutStepFact(
            number=number, description=step.description, weights=shares(step.state, target)
        )
        for number, step in enumerate(context.steps, start=1)
    ]
    if strategy.downtime and way_back is not None:
        context.events.note(f"{strategy.name} {strategy.summary}")


def shares(state: DesiredState, target: Release) -> dict[ServiceName, int]:
    """Return the percent of each service's traffic that a release has in a state."""
    return {
        name: sum(
            slot.weight
            for slot in (state.service(name).blue, state.service(name).green)
            if slot.release == target.id
        )
        for name in SERVICES
        if target.artifact(name) is not None
    }


def recording(live: DesiredState, target: Release) -> DesiredState:
    """Return the state with the target among its releases, and only those still of use.

    Those that slots hold and those that the history names are of use: the way back is there.
    """
    history = live.history[-HISTORY_LIMIT:]
    held = {s.release for v in (live.backend, live.frontend) for s in (v.blue, v.green)}
    named = {record.release for record in history}
    kept = {id_: r for id_, r in live.releases.items() if id_ in held or id_ in named}
    releases = {**kept, target.id: kept.get(target.id, target)}
    return live.model_copy(update={"releases": releases, "history": history})
