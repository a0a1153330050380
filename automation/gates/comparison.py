"""The new slot beside the old one, stratum by stratum: failed requests, and slow ones."""

from collections.abc import Iterable

from automation.gates.statistics import Table
from automation.metrics.base import SlotTraffic
from automation.metrics.latency import Latencies, added, counted, slower
from automation.metrics.window import Look

STRATUM = 100
"""Requests of both slots that make a stratum: fewer are compared together with the next look's."""
PERCENTILES = (95, 99)


class Comparison:
    """All looks at the slots of one service as one, `seen`, and what their strata compare.

    Only counts of requests decide where a stratum ends, never what became of them, and nobody
    looks into one before its end: with either the tests would not hold.
    """

    def __init__(self, limit_ms: float, looks: Iterable[Look] = ()) -> None:
        self.seen: Look | None = None
        self.looks = 0
        self.errors: list[Table] = []
        self.slow: dict[int, list[Table]] = {percent: [] for percent in PERCENTILES}
        self.failures: list[tuple[int, int]] = []
        self.beyond: list[tuple[int, int]] = []
        self._limit_ms = limit_ms
        self._open: Look | None = None
        for look in looks:
            self.add(look)

    def add(self, look: Look) -> None:
        """Take in a look; its stratum ends if it closes it, or is large enough."""
        self.looks += 1
        self.seen = look if self.seen is None else self.seen.plus(look)
        self._open = look if self._open is None else self._open.plus(look)
        requests = self._open.new.requests + (self._open.old.requests if self._open.old else 0)
        if look.closes or requests >= STRATUM:
            self.close()

    def close(self) -> None:
        """End the stratum: what follows is compared on its own."""
        ended, self._open = self._open, None
        if ended is None:
            return
        new, old = ended.new, ended.old
        self.failures.append(failures(new))
        self.beyond.append((slower(new.latencies, self._limit_ms), new.timed))
        if old is None:
            return
        if new.requests and old.requests:
            self.errors.append(Table(*failures(new), *failures(old)))
        for percent, tables in self.slow.items():
            if (table := _slow(new, old, percent)) is not None:
                tables.append(table)


def failures(slot: SlotTraffic) -> tuple[int, int]:
    """Return failed requests and all. An answer may break off after the window it began in."""
    return min(slot.errors, slot.requests), slot.requests


def _slow(new: SlotTraffic, old: SlotTraffic, percent: int) -> Table | None:
    """Return how many requests of each slot are among the slowest of both together.

    About 100 - `percent` of a hundred are. The cut follows from both slots taken together, so
    that equal ones are on either side of it by chance alone.
    """
    if not new.timed or not old.timed:
        return None
    cut = _cut(added(new.latencies, old.latencies), 1 - percent / 100)
    if cut is None:
        return None
    return Table(slower(new.latencies, cut), new.timed, slower(old.latencies, cut), old.timed)


def _cut(latencies: Latencies, share: float) -> float | None:
    wanted = share * counted(latencies)
    above, found, distance = 0, None, float("inf")
    # All but the fastest band: with it, everything would be slow.
    for band in sorted(latencies, reverse=True)[:-1]:
        above += latencies[band]
        if abs(above - wanted) < distance:
            found, distance = band.lower, abs(above - wanted)
    return found
