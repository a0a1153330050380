"""Percentiles by the nearest-rank method: always a value that was really measured."""

import math
from collections.abc import Iterable

METHOD = "nearest rank"


def percentile(values: Iterable[float], percent: float) -> float | None:
    """Return the smallest value that `percent` of all values do not exceed, or None for none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[max(1, math.ceil(percent / 100 * len(ordered))) - 1]
