"""Which strategy takes a release there, and with which options."""

from automation import splitting
from automation.context import Context
from automation.strategies import STRATEGIES
from automation.strategies.base import Options, Strategy
from components.contract.desired import Audience


def chosen(context: Context) -> Strategy:
    """Return the strategy: a way back takes all traffic at once, whatever the way here was."""
    if context.reversal is not None and context.reversal.moves:
        # Neither release is known to live with the other one's schema: never both at once.
        return STRATEGIES["recreate"]
    configured = STRATEGIES[context.settings.strategy]
    at_once = context.action == "rollback" and not configured.downtime
    return STRATEGIES["blue_green"] if at_once else configured


def options_of(context: Context) -> Options:
    """Return what the settings say about the way to the new release."""
    settings = context.settings
    kind, _, rest = settings.canary_audience.partition(":")
    name, _, value = rest.partition("=")
    return Options(
        replicas={"backend": settings.backend_replicas, "frontend": settings.frontend_replicas},
        back=context.action == "rollback",
        canary_steps=settings.canary_steps,
        hold_seconds=settings.canary_hold_seconds,
        audience=Audience.model_validate({"kind": kind, "name": name, "value": value})
        if kind
        else None,
        surge=settings.rolling_surge,
        unavailable=settings.rolling_unavailable,
        whole=splitting.whole(settings),
    )
