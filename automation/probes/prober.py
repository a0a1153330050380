"""A prober: steady requests through the public address while something changes behind it."""

import copy
import math
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import cycle
from types import TracebackType

import httpx

from automation.polling import Clock, SystemClock
from automation.probes.exchange import NoAnswer, exchange
from automation.probes.observations import Observed, ProbeResult, Tally
from automation.probes.probe import Probe, WeightChange, Weights
from components.contract.outputs import RELEASE_HEADER
from components.contract.release import ServiceName

REMEMBERED = 72_000
"""Probes kept one by one: an hour at 20 a second. Totals stay exact beyond."""
CATCH_UP_SECONDS = 1.0
"""How far behind its rate a prober may catch up, after the machine was suspended for example."""


class Prober:
    """Send requests at a steady rate from `start` to `stop`, and record every one.

    `targets` maps a service to the path that is asked for it, in turn. A slow answer does not
    delay the next request. Nothing is retried. The client stays the caller's to close, after
    `stop`. `timeout` is in seconds, `remember` the number of probes kept one by one.
    """

    def __init__(
        self,
        client: httpx.Client,
        targets: Mapping[ServiceName, str],
        *,
        per_second: float = 10,
        timeout: float = 3.0,
        clock: Clock | None = None,
        remember: int = REMEMBERED,
    ) -> None:
        self._client = client
        self._targets = dict(targets)
        self._interval = 1 / per_second
        self._timeout = timeout
        self._clock = clock or SystemClock()
        # As many as can be under way at that rate when every one of them times out.
        self._workers = math.ceil(per_second * timeout) + 1
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._started = self._clock.time()
        self._started_at = ""
        self._ended: float | None = None
        self._probes: deque[Probe] = deque(maxlen=remember)
        self._tallies = {service: Tally() for service in self._targets}
        self._changes: list[WeightChange] = []
        self._problem: str | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is not None or not self._targets:
            return
        self._started = self._clock.time()
        self._started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._thread = threading.Thread(target=self._run, name="prober", daemon=True)
        self._thread.start()

    def stop(self) -> ProbeResult:
        """End, wait for the requests under way, and return what was seen. May be repeated."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            with self._lock:
                if self._ended is None:
                    self._ended = self._clock.time()
        return self.result()

    def weights(self, now: float, weights: Weights) -> None:
        """Mark that the weights are these from `now` on, a moment of the prober's clock."""
        with self._lock:
            self._changes.append(WeightChange(now - self._started, copy.deepcopy(weights)))

    def result(self) -> ProbeResult:
        """Return what was seen until now."""
        with self._lock:
            ended = self._clock.time() if self._ended is None else self._ended
            observed = Observed(
                started_at=self._started_at,
                seconds=ended - self._started if self._thread is not None else 0.0,
                probes=list(self._probes),
                tallies=copy.deepcopy(self._tallies),
                changes=list(self._changes),
                problem=self._problem,
            )
        return observed.result()

    def __enter__(self) -> "Prober":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        due = self._clock.time()
        try:
            with ThreadPoolExecutor(self._workers, thread_name_prefix="probe") as pool:
                for service, path in cycle(self._targets.items()):
                    if self._stopping.wait(max(0.0, due - self._clock.time())):
                        return
                    pool.submit(self._probe, service, path)
                    due = max(due + self._interval, self._clock.time() - CATCH_UP_SECONDS)
        except RuntimeError as error:
            # No further thread can be started: the result says so instead of looking complete.
            self._problem = f"the prober stopped early: {error}"

    def _probe(self, service: ServiceName, path: str) -> None:
        began = self._clock.time()
        status: int | None = None
        failure: str | None = None
        release: str | None = None
        try:
            request = self._client.build_request("GET", path, timeout=self._timeout)
            answer = exchange(self._client, request, clock=self._clock, seconds=self._timeout)
            status, release = answer.status, answer.headers.get(RELEASE_HEADER)
        except NoAnswer as error:
            failure = str(error)
        except Exception as error:  # noqa: BLE001 - a failed probe is a record, never a reason to end
            failure = f"{type(error).__name__}: {error}"
        took = (self._clock.time() - began) * 1000
        probe = Probe(began - self._started, service, path, status, failure, took, release)
        with self._lock:
            self._probes.append(probe)
            self._tallies[service].add(probe)
