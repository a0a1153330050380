"""Watch the slots of a step through its hold: a verdict after every look."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto

from automation.gates.base import GateResult, Verdict
from automation.gates.traffic import TrafficGate, summary
from automation.metrics.base import Source, SourceUnavailable, Traffic
from automation.metrics.window import Window
from automation.polling import Clock, wait_until
from components.contract.release import ServiceName

EVERY = 2.0
MOST_LOOKS = 300
READABLE_SECONDS = 10.0
ATTENTIVE = 0.2
"""Seconds within which an interrupt is noticed."""


class Ended(Enum):
    """Why a hold is over."""

    OVER = auto()
    REJECTED = auto()
    INTERRUPTED = auto()


class Watch:
    """Looks at slots again and again; `results` judges all looks so far.

    Raises SourceUnavailable where the statistics cannot be read at the beginning or at the end
    of a hold; in between, the next look makes up for one that failed.
    """

    def __init__(
        self,
        source: Source,
        windows: Sequence[Window],
        gate: TrafficGate,
        *,
        clock: Clock,
        progress: Callable[[str], None] = lambda text: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.windows: Mapping[ServiceName, Window] = {each.service: each for each in windows}
        self.results: dict[ServiceName, GateResult] = {}
        self._comparisons = {each.service: gate.comparison() for each in windows}
        self._source = source
        self._gate = gate
        self._clock = clock
        self._progress = progress
        self._cancelled = cancelled

    @property
    def lag_seconds(self) -> float:
        """Return how long the numbers may take to show what was served."""
        return self._source.lag_seconds

    def begin(self) -> None:
        """Count from here."""
        traffic, now = self._readable()
        for window in self.windows.values():
            window.begin(traffic, now)

    def hold(self, seconds: float, until: Callable[[], bool] = lambda: False) -> Ended:
        """Look every few seconds until one rejects, `until` says so or the hold is over."""
        now = self._clock.time()
        every, end = max(EVERY, seconds / MOST_LOOKS), now + seconds
        while True:
            now = min(now + every, end)
            if self._pause(now):
                return Ended.INTERRUPTED
            last = self._clock.time() >= end
            try:
                self.look(closes=last, patient=last)
            except SourceUnavailable as error:
                if last:
                    raise
                self._progress(str(error))
                continue
            if self.rejected:
                return Ended.REJECTED
            if last or until():
                self.close()
                return Ended.OVER

    def look(self, *, closes: bool = False, patient: bool = False) -> None:
        """Take a look at every slot; `patient`, wait for statistics that do not answer."""
        traffic, now = self._readable() if patient else (self._source.traffic(), self._clock.time())
        for service, window in self.windows.items():
            comparison = self._comparisons[service]
            comparison.add(window.look(traffic, now, closes=closes))
            self.results[service] = self._gate.verdict(comparison)
            if comparison.seen is not None:
                self._progress(f"{service} {window.new}: {summary(comparison.seen)}")

    def close(self) -> None:
        """Judge all there is, and compare what follows on its own."""
        for service, comparison in self._comparisons.items():
            comparison.close()
            self.results[service] = self._gate.verdict(comparison)

    @property
    def rejected(self) -> bool:
        """Say whether a slot has failed."""
        return any(each.verdict is Verdict.FAIL for each in self.results.values())

    def lacking(self) -> dict[ServiceName, tuple[int, int]]:
        """Return, for services that are too thin, what the new and the old slot lack."""
        seen = {service: each.seen for service, each in self._comparisons.items()}
        lacks = {service: self._gate.lacking(each) for service, each in seen.items() if each}
        return {service: each for service, each in lacks.items() if any(each)}

    def _pause(self, moment: float) -> bool:
        return wait_until(
            self._cancelled, accept=bool, deadline=moment, clock=self._clock, every=ATTENTIVE
        )

    def _readable(self) -> tuple[Traffic, float]:
        deadline = self._clock.time() + READABLE_SECONDS
        found = wait_until(
            self._read,
            accept=lambda seen: not isinstance(seen, SourceUnavailable),
            deadline=deadline,
            clock=self._clock,
        )
        if isinstance(found, SourceUnavailable):
            raise found
        return found, self._clock.time()

    def _read(self) -> Traffic | SourceUnavailable:
        try:
            return self._source.traffic()
        except SourceUnavailable as error:
            return error
