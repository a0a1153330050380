"""What the load balancer knows of the slots."""

from typing import TypedDict

from components.contract.desired import Audience


class SlotRoute(TypedDict):
    """What the load balancer knows of one slot. `ready` is a path, or None for a TCP check.

    `assets` are URL prefixes of files that `asset_port` serves too, whichever release they are of;
    it is None for a service that never has such files.
    """

    service: str
    slot: str
    release: str | None
    weight: int
    audience: Audience | None
    ports: list[int]
    route: str
    strip: bool
    ready: str | None
    assets: list[str]
    asset_port: int | None


def cluster_name(service: str, slot: str) -> str:
    """Return the name under which a slot's statistics are kept."""
    return f"{service}_{slot}"


def asset_cluster_name(service: str, slot: str) -> str:
    """Return the name of a slot's replicas with the file server behind them."""
    return f"{cluster_name(service, slot)}_assets"
