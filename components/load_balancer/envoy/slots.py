"""What the load balancer knows of the slots."""

from typing import TypedDict


class SlotRoute(TypedDict):
    """What the load balancer knows of one slot. `ready` is a path, or None for a TCP check."""

    service: str
    slot: str
    release: str | None
    weight: int
    ports: list[int]
    route: str
    strip: bool
    ready: str | None


def cluster_name(service: str, slot: str) -> str:
    """Return the name under which a slot's statistics are kept."""
    return f"{service}_{slot}"
