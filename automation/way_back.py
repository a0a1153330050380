"""The way back: which release it leads to, and what taking it means."""

from automation.context import Context
from automation.reports.happened import PlannedStep, WayBackFact
from components.contract.desired import DesiredState
from components.contract.release import SERVICES, Release


def previous(state: DesiredState) -> Release | None:
    """Return the release that was live before the one that is, as the history has it."""
    live = state.live_release()
    if live is None:
        return None
    for record in reversed(state.history):
        if record.outcome == "deployed" and record.release != live.id:
            return state.releases.get(record.release)
    return None


def fact(context: Context) -> WayBackFact | None:
    """Return the way back from what is live now, or None where there is none."""
    live, back = context.declared.live_release(), previous(context.declared)
    if live is None or back is None:
        context.facts.explain("evidence.way_back", "no other release was live before")
        return None
    command = f"./slipway rollback {context.environment}"
    found = context.specification
    return WayBackFact(
        command=command,
        release=back.id,
        version=back.version,
        effect=_effect(live, back),
        artifacts={name: a.path for name in SERVICES if (a := back.artifact(name))},
        steps=(
            PlannedStep(description="Return traffic to the previous release", command=command),
            PlannedStep(
                description="See that it is live and healthy",
                command=f"./slipway status {context.environment}",
            ),
        ),
        procedure=found.rollback.procedure if found else (),
        triggers=found.rollback.triggers if found else (),
        criteria=("every replica is ready", f"the release header names {back.id}"),
        timeout_seconds=float(context.settings.health_timeout_seconds),
    )


def _effect(live: Release, back: Release) -> str:
    if live.alembic_head == back.alembic_head:
        return "the schema is the same for both releases"
    return (
        f"the schema stays at {live.alembic_head}; {back.id} was built for {back.alembic_head} "
        "and must live with the newer one to pass the gates"
    )
