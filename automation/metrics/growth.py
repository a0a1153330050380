"""Counters of many replicas as one: a restart and a replica that is gone take nothing away."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Series = tuple[tuple[str, str], ...]
"""The labels of a time series, in order."""


@dataclass
class Growth:
    """What series have grown by, added up by the labels in `by`, from one reading to the next.

    A series that appears counts from zero, as the first reading of all does: its sums mean
    something only beside earlier ones.
    """

    by: tuple[str, ...]
    sums: dict[tuple[str, ...], float] = field(default_factory=dict)
    _last: dict[Series, float] = field(default_factory=dict)

    def take(self, reading: Mapping[Series, float]) -> None:
        """Add what the series of a reading have grown by since the last one that had them."""
        for series, value in reading.items():
            before = self._last.get(series, 0.0)
            labels = dict(series)
            key = tuple(labels.get(name, "") for name in self.by)
            # One that fell was started anew, and counts from zero.
            grown = value - before if value >= before else value
            self.sums[key] = self.sums.get(key, 0.0) + grown
            self._last[series] = value
