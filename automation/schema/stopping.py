"""The moment without a release: neither of the two lives with the other one's schema."""

from automation.context import Context
from automation.declare import declare
from components.contract.desired import DesiredState
from components.contract.release import SERVICES


def stop_serving(context: Context) -> None:
    """Take the strategy's first step now where that stops what serves; else change nothing."""
    first = next(iter(context.steps), None)
    if first is None or not _stopped(first.state) or _stopped(context.declared):
        return
    context.events.progress(first.description)
    known = {
        "alembic_head": context.declared.alembic_head,
        "proofs": context.declared.proofs,
    }
    declare(context, first.state.model_copy(update=known), step=1)


def _stopped(state: DesiredState) -> bool:
    slots = [state.service(name) for name in SERVICES]
    return not any(slot.replicas for each in slots for slot in (each.blue, each.green))
