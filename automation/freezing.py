"""A freeze: nothing may be deployed until somebody says so. It is part of the stack's state."""

from automation.context import Context
from automation.errors import Blocked
from components.contract.desired import DesiredState


def refuse(context: Context) -> None:
    """Raise Blocked, with the message, where the environment is frozen."""
    told = describe(context.live)
    if told is None:
        return
    raise Blocked(
        f"{context.environment} is frozen: {told}",
        hint=f"`./slipway unfreeze {context.environment}` lifts it; "
        f"`./slipway rollback {context.environment}` stays possible.",
    )


def describe(state: DesiredState) -> str | None:
    """Say why, by whom and since when a state is frozen; None where it is not."""
    frozen = state.freeze
    return f"{frozen.message} ({frozen.by}, since {frozen.since})" if frozen else None
