"""Go back to what was live, and see that it is: the same gates as for a deployment."""

import time
from dataclasses import replace

from automation.context import Context
from automation.events import StepNotes
from automation.reports.happened import RollbackFact
from automation.retreat import retreat
from automation.schema import recovery
from automation.steps.secure import finished
from automation.steps.verify import live_is_well
from components.contract.desired import DesiredState


def run(context: Context, reason: str, notes: StepNotes) -> None:
    """Declare the slots as they were and verify the old release.

    Raise SlipwayError where the old release could not be brought back.
    """
    began = time.monotonic()
    live = context.live.live_release()
    taken = RollbackFact(reason=reason, status="failed", seconds=None)
    context.facts.rollback = taken
    context.facts.health.clear()  # of the release that goes
    context.traffic_back_at = None
    try:
        recovery.undo(context)
        state = finished(context, back(context), "rolled_back", context.target(), reason)
        taken = replace(taken, steps=retreat(context, state, "back to what was live"))
        if live is not None:
            live_is_well(context, live)
            verified = f"every replica is ready and the public address names {live.id}"
            taken = replace(taken, verified=verified)
    finally:
        seconds = time.monotonic() - began
        taken = replace(taken, seconds=seconds, traffic_seconds=_traffic_seconds(context))
        context.facts.rollback = taken
    context.facts.rollback = replace(taken, status="success")
    notes.message = f"{live.id} serves again, verified" if live else "nothing is live, as before"


def _traffic_seconds(context: Context) -> float | None:
    """Return how long it took from the failed gate until the old release had all traffic."""
    if context.failed_at is None or context.traffic_back_at is None:
        return None
    return context.traffic_back_at - context.failed_at


def back(context: Context) -> DesiredState:
    """Return what was live, with what is known by now: releases and the schema's revision."""
    return context.live.model_copy(
        update={
            "releases": {**context.declared.releases, **context.live.releases},
            "alembic_head": context.declared.alembic_head or context.live.alembic_head,
            "proofs": context.declared.proofs,
            "address": context.address or context.live.address,
            "rollout": None,
        }
    )
