"""Which backups are kept: as many as are asked for, and all that a way back needs."""

from automation.context import Context
from automation.schema.means import platform_of
from automation.way_back import previous
from components.contract.desired import DesiredState


def needed(state: DesiredState) -> set[str]:
    """Return the backups made since the release before the live one was deployed.

    One of them leads back to its schema.
    """
    back = previous(state)
    history = list(state.history)
    since = 0
    if back is not None:
        deployed = [
            number
            for number, record in enumerate(history)
            if record.release == back.id and record.outcome == "deployed"
        ]
        since = deployed[-1] if deployed else 0
    return {record.backup for record in history[since:] if record.backup}


def prune(context: Context) -> None:
    """Remove the backups that are beyond the number to keep and of no way back."""
    in_use = needed(context.live) | ({context.backup} if context.backup else set())
    gone = platform_of(context).prune(context.settings.backups_retained, in_use)
    if gone:
        context.events.progress(f"{len(gone)} old backups removed")
