"""What a source of numbers says about the traffic of each slot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from components.contract.desired import SLOTS, SlotName
from components.contract.release import SERVICES, ServiceName


class SourceUnavailable(RuntimeError):
    """The source did not answer, or not as expected."""


@dataclass(frozen=True)
class SlotTraffic:
    """What one slot of one service has served since its load balancer started.

    `requests` are those sent to the slot, retries included; `errors` its 5xx answers, those that
    the load balancer gave in its place included. `percentiles` maps a percentile to milliseconds
    and is empty where nothing was served.
    """

    requests: int = 0
    errors: int = 0
    timeouts: int = 0
    active: int = 0
    percentiles: Mapping[float, float] = field(default_factory=dict)

    @property
    def error_rate_percent(self) -> float | None:
        """Return the errors in percent of the requests, None without a request."""
        return 100 * self.errors / self.requests if self.requests else None

    def since(self, before: "SlotTraffic") -> "SlotTraffic":
        """Return what was counted after `before`; a restarted counter counts from zero.

        Percentiles stay those since the start: they cannot be subtracted.
        """
        if self.requests < before.requests:
            return self
        return SlotTraffic(
            requests=self.requests - before.requests,
            errors=self.errors - before.errors,
            timeouts=self.timeouts - before.timeouts,
            active=self.active,
            percentiles=self.percentiles,
        )


Traffic = Mapping[tuple[ServiceName, SlotName], SlotTraffic]
"""(service, slot) -> what it served; a slot that the source does not know is absent."""

CLUSTERS: Mapping[str, tuple[ServiceName, SlotName]] = {
    f"{service}_{slot}": (service, slot) for service in SERVICES for slot in SLOTS
}
"""Names under which load balancers know the slots: `backend_blue`, `frontend_green`, ..."""


class Source(Protocol):
    """Reads the traffic of every slot from one load balancer or monitoring system."""

    def __init__(self, base_url: str, client: httpx.Client) -> None: ...

    def traffic(self) -> Traffic:
        """Return the counters as they are now. Raise SourceUnavailable."""
        ...
