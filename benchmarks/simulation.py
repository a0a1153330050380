"""Releases that only exist in numbers, behind a load balancer that counts like Envoy."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from automation.metrics.base import SlotTraffic, Traffic
from automation.metrics.latency import Band
from automation.probes.synthetic import Sent
from components.contract.desired import SlotName
from components.contract.release import ServiceName

BOUNDS = [float(each) for each in range(100)] + [
    float(digits * 10**power) for power in range(1, 4) for digits in range(10, 100)
]
BANDS = [Band(low, high) for low, high in zip(BOUNDS, [*BOUNDS[1:], 100_000.0], strict=True)]


@dataclass(frozen=True)
class Release:
    """How a release does. Response times are lognormal; errors come in groups of `burst`."""

    errors: float = 0.0
    slower: float = 1.0
    median_ms: float = 20.0
    sigma: float = 0.5
    burst: int = 1

    def shares(self) -> np.ndarray:
        """Return the share of the requests in each band."""
        centre = math.log(self.median_ms * self.slower)
        below = [
            0.5 * (1 + math.erf((math.log(high) - centre) / self.sigma / math.sqrt(2)))
            for high in (band.upper for band in BANDS)
        ]
        below[-1] = 1.0
        return np.diff([0.0, *below])


@dataclass
class Clock:
    """Passes only when somebody sleeps."""

    now: float = 0.0

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let seconds pass at once."""
        self.now += seconds


@dataclass
class LoadBalancer:
    """Splits `rate` requests a second between two releases, and counts; sends synthetic ones."""

    clock: Clock
    rate: float
    releases: Mapping[SlotName, Release]
    generator: np.random.Generator
    service: ServiceName = "backend"
    share: float = 0.0
    lag_seconds: ClassVar[float] = 0.0
    fails_on_purpose: ClassVar[bool] = True
    counted: dict[SlotName, SlotTraffic] = field(default_factory=dict)
    synthetic: int = 0
    _then: float = field(init=False)

    def __post_init__(self) -> None:
        self._then = self.clock.now
        self._shares = {slot: release.shares() for slot, release in self.releases.items()}
        self.counted = {slot: SlotTraffic() for slot in self.releases}

    def traffic(self) -> Traffic:
        """Serve what has come since the last time, and return all counters."""
        seconds, self._then = self.clock.now - self._then, self.clock.now
        arrived = int(self.generator.poisson(self.rate * seconds)) if seconds > 0 else 0
        new = int(self.generator.binomial(arrived, self.share))
        self._serve("green", new)
        self._serve("blue", arrived - new)
        return {(self.service, slot): counted for slot, counted in self.counted.items()}

    def send(
        self,
        service: ServiceName,
        counts: Mapping[SlotName, int],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Sent:
        """Serve so many requests beside the others."""
        for slot, count in counts.items():
            self._serve(slot, count)
        self.synthetic += sum(counts.values())
        self.clock.sleep(sum(counts.values()) / 50)
        return Sent({slot: {"200": count} for slot, count in counts.items()})

    def _serve(self, slot: SlotName, requests: int) -> None:
        if not requests:
            return
        release = self.releases[slot]
        bursts = self.generator.binomial(requests, release.errors / release.burst)
        failed = min(requests, int(bursts) * release.burst)
        counts = self.generator.multinomial(requests, self._shares[slot])
        times = {BANDS[each]: int(counts[each]) for each in np.nonzero(counts)[0]}
        served = SlotTraffic(requests=requests, failed=failed, latencies=times)
        self.counted[slot] = self.counted[slot].plus(served)
