"""Step 4: say what will happen, and how to get back, before anything does."""

from automation.context import Context
from automation.engine.update import Update
from automation.events import StepNotes
from automation.migrations.connection import Target
from automation.migrations.revision import current
from automation.reports.happened import RolloutStepFact, StrategyFact
from automation.specification import migrations
from automation.strategies import STRATEGIES
from components.contract.desired import HISTORY_LIMIT, DesiredState
from components.contract.release import Release, ServiceName


def run(context: Context, notes: StepNotes) -> Update:
    """Plan the rollout's steps and the migration, and preview the first step's resources."""
    settings, target = context.settings, context.target()
    strategy = STRATEGIES[settings.strategy]
    replicas = replicas_of(context)
    start = recording(context.live, target)
    context.steps = list(strategy.steps(start, target, replicas, context.action == "rollback"))
    context.pending = _pending(context)
    way_back = context.live.live_release()
    back = f"./slipway rollback {context.environment}"
    context.facts.strategy = StrategyFact(
        strategy=settings.strategy,
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
        RolloutStepFact(number=number, description=step.description)
        for number, step in enumerate(context.steps, start=1)
    ]
    if strategy.downtime and way_back is not None:
        context.events.note(f"{strategy.name} {strategy.summary}")
    changes = context.engine.preview(context.steps[-1].state)
    resources = changes.counted() or "no resource changes"
    notes.message = (
        f"{strategy.name}, {len(context.steps)} steps; {resources}; "
        f"{len(context.pending)} migrations"
    )
    return changes


def replicas_of(context: Context) -> dict[ServiceName, int]:
    """Return how many replicas each service is to have."""
    settings = context.settings
    return {"backend": settings.backend_replicas, "frontend": settings.frontend_replicas}


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


def _pending(context: Context) -> tuple[str, ...]:
    found = context.specification
    declared = found.database.migrations if found and found.database else None
    if declared is None or context.action == "rollback":
        return ()
    assert context.application is not None
    at = current(Target.owner(context.database)) if context.database else None
    graph = migrations.revisions(context.application, declared)
    return tuple(revision.id for revision in graph.path(at))
