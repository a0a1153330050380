"""A window on two slots: what each served between one look and the next."""

from dataclasses import dataclass

from automation.metrics.base import SlotTraffic, SourceUnavailable, Traffic
from components.contract.desired import SlotName
from components.contract.release import ServiceName


@dataclass(frozen=True)
class Look:
    """What the slots served since the look before; `old` is None where there is none beside.

    `closes` says that what follows may be traffic of another kind, and is compared on its own.
    """

    seconds: float
    new: SlotTraffic
    old: SlotTraffic | None
    closes: bool = False

    def plus(self, later: "Look") -> "Look":
        """Return this look and the one that follows it as one."""
        old = None if self.old is None or later.old is None else self.old.plus(later.old)
        return Look(self.seconds + later.seconds, self.new.plus(later.new), old, later.closes)


class Window:
    """Turns the readings of a source into looks at the slots of one service.

    Looks are taken from one reading to the next, so that a load balancer that is started anew
    costs at most what came between two of them.
    """

    def __init__(self, service: ServiceName, new: SlotName, old: SlotName | None) -> None:
        self.service: ServiceName = service
        self.new: SlotName = new
        self.old: SlotName | None = old
        self._before: tuple[float, SlotTraffic, SlotTraffic | None] | None = None

    def begin(self, traffic: Traffic, now: float) -> None:
        """Count from here. Raise SourceUnavailable for a slot that the source does not know."""
        self._before = self._reading(traffic, now)

    def look(self, traffic: Traffic, now: float, *, closes: bool = False) -> Look:
        """Return what was served since the last reading. Raise SourceUnavailable likewise."""
        assert self._before is not None, "a window begins before one looks through it"
        then, new_before, old_before = self._before
        reading = self._reading(traffic, now)
        _, new, old = self._before = reading
        since = None if old is None or old_before is None else old.since(old_before)
        return Look(now - then, new.since(new_before), since, closes)

    def _reading(
        self, traffic: Traffic, now: float
    ) -> tuple[float, SlotTraffic, SlotTraffic | None]:
        old = None if self.old is None else self._of(traffic, self.old)
        return now, self._of(traffic, self.new), old

    def _of(self, traffic: Traffic, slot: SlotName) -> SlotTraffic:
        if (self.service, slot) not in traffic:
            raise SourceUnavailable(f"the statistics do not know {self.service} {slot}")
        return traffic[self.service, slot]
