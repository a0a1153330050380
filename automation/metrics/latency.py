"""Response times as counts per band: they can be subtracted, added up and compared."""

import math
from collections.abc import Mapping
from typing import NamedTuple


class Band(NamedTuple):
    """Response times from `lower` up to `upper`, in milliseconds."""

    lower: float
    upper: float


Latencies = Mapping[Band, int]
"""How many requests fell into each band; bands do not overlap."""


def counted(latencies: Latencies) -> int:
    """Return how many requests there are in all bands."""
    return sum(latencies.values())


def slower(latencies: Latencies, milliseconds: float) -> int:
    """Return how many requests took surely that long: what the bound divides is not counted."""
    return sum(count for band, count in latencies.items() if band.lower >= milliseconds)


def percentile(latencies: Latencies, percent: float) -> float | None:
    """Return what `percent` of the requests do not exceed, in milliseconds, None for no request.

    Between the bounds of a band it is interpolated, as Envoy and Prometheus do.
    """
    total = counted(latencies)
    if not total:
        return None
    rank = max(1, math.ceil(percent / 100 * total))
    below = 0
    for band in sorted(latencies):
        inside = latencies[band]
        if below + inside >= rank:
            return band.lower + (band.upper - band.lower) * (rank - below) / inside
        below += inside
    return None


def added(one: Latencies, other: Latencies) -> Latencies:
    """Return the counts of both together."""
    return {band: one.get(band, 0) + other.get(band, 0) for band in {*one, *other}}


def subtracted(after: Latencies, before: Latencies) -> Latencies:
    """Return what came after `before`, without bands that stayed as they were."""
    grown = {band: count - before.get(band, 0) for band, count in after.items()}
    return {band: count for band, count in grown.items() if count}


def has_fallen(after: Latencies, before: Latencies) -> bool:
    """Say whether a count is smaller than it was: they were counted from zero again."""
    return any(after.get(band, 0) < count for band, count in before.items())
