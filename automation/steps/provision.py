"""Shared infrastructure up to date, and the rollout announced in the stack's state."""

from automation import placing
from automation.context import Context
from automation.declare import announce, declare
from automation.events import StepNotes


def run(context: Context, notes: StepNotes) -> None:
    """Declare what is live once more, with the rollout under way written into it.

    From here on any machine that reads the state sees an unfinished rollout and where to go back.
    """
    placing.begin(context)
    if context.resume_at:
        again = context.steps[context.resume_at - 1].state
        update = declare(context, again, step=context.resume_at)
        placing.provisioned(context)
        notes.message = f"going on at step {context.resume_at}"
        return
    first = context.steps[0]
    # A release that needs a newer schema must not start before the migration.
    ahead = first.phase == "provision" and not context.pending
    state = first.state if ahead else announce(context)
    update = declare(context, state, step=1 if ahead else 0)
    placing.provisioned(context)
    notes.message = update.counted() or "infrastructure is up to date"
