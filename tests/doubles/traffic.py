"""A load balancer that serves by the clock: so many requests a second, some of them bad."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from automation.metrics.base import SlotTraffic, SourceUnavailable, Traffic
from automation.metrics.latency import Band
from automation.probes.synthetic import Sent
from components.contract.desired import SlotName
from components.contract.release import ServiceName
from tests.doubles.clock import FakeClock

Where = tuple[ServiceName, SlotName]


def served(requests: int, failed: int = 0, ms: float = 10, **fields: int) -> SlotTraffic:
    """Make the counters of a slot whose answers all took `ms`."""
    times = {Band(ms, ms + 1): requests} if requests else {}
    return SlotTraffic(requests=requests, failed=failed, latencies=times, **fields)


@dataclass
class Slot:
    """How a slot does: requests a second, every how many of them fail, and their time."""

    rate: float = 100
    fails_every: int = 0
    ms: float = 10

    def of(self, requests: int) -> SlotTraffic:
        failed = requests // self.fails_every if self.fails_every else 0
        return served(requests, failed, self.ms)


@dataclass
class Balancer:
    """Counts what its slots serve while the clock passes; is a source, and sends requests itself.

    `unreadable` says at which readings, counted from 1, the statistics do not answer. `answer` is
    what synthetic requests get, which are counted `late_seconds` after they were sent.
    """

    clock: FakeClock
    slots: Mapping[Where, Slot]
    unreadable: Callable[[int], bool] = lambda reading: False
    answer: str = "200"
    late_seconds: float = 0
    sent: dict[Where, int] = field(default_factory=dict)
    readings: int = 0
    lag_seconds: ClassVar[float] = 0.0
    fails_on_purpose: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._began = self._sent_at = self.clock.now

    def traffic(self) -> Traffic:
        self.readings += 1
        if self.unreadable(self.readings):
            raise SourceUnavailable("the statistics are gone")
        seconds = self.clock.now - self._began
        known = self.sent if self.clock.now >= self._sent_at + self.late_seconds else {}
        return {
            where: slot.of(int(slot.rate * seconds) + known.get(where, 0))
            for where, slot in self.slots.items()
        }

    def send(
        self,
        service: ServiceName,
        counts: Mapping[SlotName, int],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Sent:
        self._sent_at = self.clock.now
        for slot, count in counts.items():
            if self.answer.isdigit():
                self.sent[service, slot] = self.sent.get((service, slot), 0) + count
        return Sent({slot: {self.answer: count} for slot, count in counts.items()})
