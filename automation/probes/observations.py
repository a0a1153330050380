"""What steady probes saw, folded into facts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from automation.probes.percentiles import percentile
from automation.probes.probe import Probe, WeightChange, Weights
from components.contract.release import ServiceName


@dataclass
class Tally:
    """Exact totals of one service, whatever was forgotten of its single probes.

    `longest_gap` is the longest time, in seconds, in which no success came in; the beginning
    and the end of the observation count as its bounds.
    """

    sent: int = 0
    failed: int = 0
    last_success: float = 0.0
    longest_gap: float = 0.0

    def add(self, probe: Probe) -> None:
        """Count a probe that has ended."""
        self.sent += 1
        if probe.failed:
            self.failed += 1
            return
        ended = probe.at + probe.milliseconds / 1000
        self.longest_gap = max(self.longest_gap, ended - self.last_success)
        self.last_success = max(self.last_success, ended)

    def gap_until(self, end: float) -> float | None:
        """Return the longest gap of an observation that ends there, None if nothing was sent."""
        return max(self.longest_gap, end - self.last_success) if self.sent else None


@dataclass(frozen=True)
class ServiceProbes:
    """What was seen of one service. None where nothing was sent.

    `releases` counts the answers that each release gave.
    """

    sent: int
    failed: int
    longest_gap_seconds: float | None
    p50_ms: float | None
    p99_ms: float | None
    releases: Mapping[str, int]


@dataclass(frozen=True)
class Second:
    """One second of the observation, with the weights that were in force at its end."""

    second: int
    sent: int
    failed: int
    releases: Mapping[str, int]
    weights: Weights | None


@dataclass(frozen=True)
class ProbeResult:
    """What was seen from start to stop.

    `failed` counts 5xx, failed connections and timeouts. Percentiles are of answered requests.
    `answers` counts status codes and error messages, `failures` those of them that failed.
    `problem` says why the prober itself stopped early.
    """

    started_at: str
    seconds: float
    sent: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None
    longest_gap_seconds: float | None
    services: Mapping[ServiceName, ServiceProbes]
    releases: tuple[str, ...]
    answers: Mapping[str, int]
    failures: Mapping[str, int]
    rows: tuple[Second, ...]
    changes: tuple[WeightChange, ...]
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Everything that a result is folded from."""

    started_at: str
    seconds: float
    probes: Sequence[Probe]
    tallies: Mapping[ServiceName, Tally]
    changes: Sequence[WeightChange] = ()
    problem: str | None = field(default=None)

    def result(self) -> ProbeResult:
        """Fold it."""
        gaps = [tally.gap_until(self.seconds) for tally in self.tallies.values()]
        return ProbeResult(
            started_at=self.started_at,
            seconds=self.seconds,
            sent=sum(tally.sent for tally in self.tallies.values()),
            failed=sum(tally.failed for tally in self.tallies.values()),
            p50_ms=percentile(answered(self.probes), 50),
            p99_ms=percentile(answered(self.probes), 99),
            longest_gap_seconds=max((gap for gap in gaps if gap is not None), default=None),
            services={name: self._service(name) for name in self.tallies},
            releases=tuple(dict.fromkeys(p.release for p in self.probes if p.release)),
            answers=dict(Counter(p.answer for p in self.probes)),
            failures=dict(Counter(p.answer for p in self.probes if p.failed)),
            rows=tuple(rows(self.probes, self.changes)),
            changes=tuple(self.changes),
            problem=self.problem,
        )

    def _service(self, name: ServiceName) -> ServiceProbes:
        tally = self.tallies[name]
        probes = [probe for probe in self.probes if probe.service == name]
        times = answered(probes)
        return ServiceProbes(
            sent=tally.sent,
            failed=tally.failed,
            longest_gap_seconds=tally.gap_until(self.seconds),
            p50_ms=percentile(times, 50),
            p99_ms=percentile(times, 99),
            releases=dict(Counter(p.release for p in probes if p.release)),
        )


def answered(probes: Iterable[Probe]) -> list[float]:
    """Return the milliseconds of the probes that got an answer."""
    return [probe.milliseconds for probe in probes if probe.status is not None]


def rows(probes: Sequence[Probe], changes: Sequence[WeightChange]) -> list[Second]:
    """Return one row for each second in which a probe was sent, oldest first."""
    by_second: dict[int, list[Probe]] = {}
    for probe in probes:
        by_second.setdefault(int(probe.at), []).append(probe)
    found = []
    for second, group in sorted(by_second.items()):
        in_force = [change.weights for change in changes if change.at < second + 1]
        found.append(
            Second(
                second=second,
                sent=len(group),
                failed=sum(probe.failed for probe in group),
                releases=dict(Counter(probe.release for probe in group if probe.release)),
                weights=in_force[-1] if in_force else None,
            )
        )
    return found
