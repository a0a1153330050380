"""A bounded load: so many GET requests on safe paths, and how the machine bore them."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice

import httpx
import psutil

from automation.polling import Clock, SystemClock
from automation.probes.exchange import NoAnswer, exchange
from automation.probes.percentiles import METHOD, percentile

CONCURRENCY = 4
LIMIT_SECONDS = 60.0
SHORTEST_CPU_SECONDS = 0.1
"""psutil calls a CPU percentage over less than that meaningless."""


@dataclass(frozen=True)
class LoadResult:
    """What a load measured. None where there was nothing to measure.

    Percentiles are by nearest rank, over the answered requests, in milliseconds. An error is a
    5xx or no answer; `answers` counts every status code and failure. CPU and memory are those
    of the machine that sends, with all that runs on it: on `local` it is also the one that
    answers. `sent` is what fitted into the time limit.
    """

    sent: int = 0
    failed: int = 0
    seconds: float = 0.0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    error_rate_percent: float | None = None
    requests_per_second: float | None = None
    cpu_percent: float | None = None
    memory_percent: float | None = None
    answers: dict[str, int] = field(default_factory=dict)
    method: str = METHOD

    def record(self) -> dict[str, float]:
        """Return the measured numbers, for the release's line in the history."""
        names = (
            "p50_ms",
            "p95_ms",
            "p99_ms",
            "error_rate_percent",
            "requests_per_second",
            "cpu_percent",
            "memory_percent",
        )
        found = {name: getattr(self, name) for name in names}
        return {name: round(value, 3) for name, value in found.items() if value is not None}


class _Load:
    """A load under way: shared by its workers."""

    def __init__(self, client: httpx.Client, clock: Clock, deadline: float) -> None:
        self.client = client
        self.clock = clock
        self.deadline = deadline
        self.lock = threading.Lock()
        self.milliseconds: list[float] = []
        self.answers: Counter[str] = Counter()
        self.failed = 0
        self.memory: list[float] = []

    def work(self, paths: Iterator[str]) -> None:
        """Ask for one path after the other until there are none, or no time is left."""
        while self.clock.time() < self.deadline:
            with self.lock:
                path = next(paths, None)
            if path is None:
                return
            self.ask(path)

    def ask(self, path: str) -> None:
        """Ask for a path and note what came back."""
        began = self.clock.time()
        status: int | None = None
        try:
            request = self.client.build_request("GET", path)
            status = exchange(self.client, request, clock=self.clock).status
            seen = str(status)
        except NoAnswer as error:
            seen = str(error)
        took = (self.clock.time() - began) * 1000
        memory = psutil.virtual_memory().percent
        with self.lock:
            self.answers[seen] += 1
            self.memory.append(memory)
            self.failed += status is None or status >= 500
            if status is not None:
                self.milliseconds.append(took)


def run_load(
    client: httpx.Client,
    paths: Sequence[str],
    *,
    requests: int,
    concurrency: int = CONCURRENCY,
    limit: float = LIMIT_SECONDS,
    clock: Clock | None = None,
) -> LoadResult:
    """Send that many GET requests over the paths in turn, `limit` seconds long at most."""
    if not paths or requests <= 0:
        return LoadResult()
    clock = clock or SystemClock()
    began = clock.time()
    load = _Load(client, clock, began + limit)
    queue = islice(cycle(paths), requests)
    psutil.cpu_percent(interval=None)
    with ThreadPoolExecutor(concurrency, thread_name_prefix="load") as pool:
        workers = [pool.submit(load.work, queue) for _ in range(concurrency)]
    for worker in workers:
        worker.result()
    return _measured(load, clock.time() - began)


def _measured(load: _Load, seconds: float) -> LoadResult:
    sent = sum(load.answers.values())
    if not sent:
        return LoadResult(seconds=seconds)
    cpu = psutil.cpu_percent(interval=None) if seconds >= SHORTEST_CPU_SECONDS else None
    return LoadResult(
        sent=sent,
        failed=load.failed,
        seconds=seconds,
        p50_ms=percentile(load.milliseconds, 50),
        p95_ms=percentile(load.milliseconds, 95),
        p99_ms=percentile(load.milliseconds, 99),
        error_rate_percent=100 * load.failed / sent,
        requests_per_second=sent / seconds if seconds else None,
        cpu_percent=cpu,
        memory_percent=sum(load.memory) / len(load.memory),
        answers=dict(load.answers),
    )
