"""What a source of numbers says about the traffic of each slot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import httpx

from automation.metrics.latency import (
    Latencies,
    added,
    counted,
    has_fallen,
    percentile,
    subtracted,
)
from components.contract.desired import SLOTS, SlotName
from components.contract.release import SERVICES, ServiceName

COUNTERS = ("requests", "failed", "unavailable", "retried", "broken", "refused")


class SourceUnavailable(RuntimeError):
    """The source did not answer, or not as expected."""


@dataclass(frozen=True)
class SlotTraffic:
    """What one slot of one service has served, since its load balancer started or in a window.

    `requests` are finished attempts, those included that the load balancer repeated: it counts
    these in `retried`. `failed` are answers with 5xx, by the replicas or in their place;
    `unavailable` those of them with 503 or 504. `broken` are connections that a replica closed
    over a request, streams that it reset, and timeouts. `active` requests are not finished yet.
    `latencies` holds the complete answers, and may lag behind the counters by seconds. `refused`
    are answers with 4xx, which are no errors, where the source does not fail on purpose.
    """

    requests: int = 0
    failed: int = 0
    unavailable: int = 0
    retried: int = 0
    broken: int = 0
    active: int = 0
    latencies: Latencies = field(default_factory=dict)
    refused: int = 0

    @property
    def errors(self) -> int:
        """Return the attempts that the replicas failed, each once.

        What breaks before an answer ends as a repetition, or as a 503 or 504 in the replica's
        place; what breaks inside an answer is in `broken` alone. A 503 of the application itself
        may hide such a one: the sum is never too high.
        """
        return self.failed + self.retried + max(0, self.broken - self.retried - self.unavailable)

    @property
    def timed(self) -> int:
        """Return the requests whose response time is known."""
        return counted(self.latencies)

    @property
    def error_rate_percent(self) -> float | None:
        """Return the errors in percent of the requests, None without a request."""
        return 100 * self.errors / self.requests if self.requests else None

    def percentile(self, percent: float) -> float | None:
        """Return a percentile of the response times in milliseconds, None where none is known."""
        return percentile(self.latencies, percent)

    def since(self, before: "SlotTraffic") -> "SlotTraffic":
        """Return what was counted after `before`; a restarted counter counts from zero."""
        fell = any(getattr(self, name) < getattr(before, name) for name in COUNTERS)
        if fell or has_fallen(self.latencies, before.latencies):
            return self
        grown = {name: getattr(self, name) - getattr(before, name) for name in COUNTERS}
        latencies = subtracted(self.latencies, before.latencies)
        return SlotTraffic(**grown, active=self.active, latencies=latencies)

    def plus(self, later: "SlotTraffic") -> "SlotTraffic":
        """Return this window and the one that follows it as one."""
        summed = {name: getattr(self, name) + getattr(later, name) for name in COUNTERS}
        latencies = added(self.latencies, later.latencies)
        return SlotTraffic(**summed, active=later.active, latencies=latencies)


Traffic = Mapping[tuple[ServiceName, SlotName], SlotTraffic]
"""(service, slot) -> what it served; a slot that the source does not know is absent."""

CLUSTERS: Mapping[str, tuple[ServiceName, SlotName]] = {
    f"{service}_{slot}": (service, slot) for service in SERVICES for slot in SLOTS
}
"""Names under which load balancers know the slots: `backend_blue`, `frontend_green`, ..."""


class Source(Protocol):
    """Reads the traffic of every slot from one load balancer or monitoring system.

    What was served is in its numbers `lag_seconds` later at most. `fails_on_purpose` says whether
    the load balancer fails a request by itself that asks for it, so that its counting can be seen.
    """

    fails_on_purpose: ClassVar[bool]

    @property
    def lag_seconds(self) -> float:
        """Return the seconds. Raise SourceUnavailable where the address does not say."""
        ...

    def __init__(self, base_url: str, client: httpx.Client) -> None: ...

    def traffic(self) -> Traffic:
        """Return the counters as they are now. Raise SourceUnavailable."""
        ...
