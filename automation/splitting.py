"""Which services' traffic can be split between two releases, and what follows for a strategy."""

from automation.errors import Blocked
from components.contract.platforms import SERVED_BY
from components.contract.release import SERVICES, Release, ServiceName
from components.contract.settings import Settings

BY_SHARES = ("canary",)
"""Strategies that are nothing without shares of the traffic."""


def whole(settings: Settings) -> frozenset[ServiceName]:
    """Return the services whose platform gives a slot all of the traffic or none."""
    chosen = {name: getattr(settings, f"{name}_platform") for name in SERVICES}
    return frozenset(
        n for n, p in chosen.items() if p in SERVED_BY[n] and not SERVED_BY[n][p].splits
    )


def check(settings: Settings, target: Release) -> str | None:
    """Return what is to be told of a strategy on these platforms, None where it is as usual.

    Raise Blocked where none of the release's services can be given a share.
    """
    if settings.strategy not in BY_SHARES:
        return None
    served = [name for name in SERVICES if target.artifact(name) is not None]
    at_once = [name for name in served if name in whole(settings)]
    names = ", ".join(f"{name} on {getattr(settings, f'{name}_platform')}" for name in at_once)
    if at_once == served:
        raise Blocked(
            f"slipway:strategy: {settings.strategy} gives a release shares of the traffic, which "
            f"is not possible for {names}",
            hint="Set slipway:strategy to blue_green.",
        )
    return f"{names} takes all traffic at once, after the backend's shares" if at_once else None
