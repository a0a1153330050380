"""Requests that a gate sends itself where there is too little traffic: few, safe and marked."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, zip_longest
from typing import Protocol

import httpx

from automation.polling import Clock
from automation.probes.exchange import NoAnswer, exchange
from components.contract.desired import SlotName
from components.contract.outputs import SLOT_HEADER
from components.contract.release import ServiceName

CONCURRENCY = 2
RATE = 50.0
"""Requests a second at most: a machine with two cores has enough left for its users."""
LIMIT_SECONDS = 60.0
NO_ANSWER = "no answer: "


@dataclass(frozen=True)
class Sent:
    """What was sent to each slot: answers are counted by status, or by why there was none."""

    answers: Mapping[SlotName, Mapping[str, int]] = field(default_factory=dict)

    def requests(self, slot: SlotName) -> int:
        """Return how many requests were sent to a slot."""
        return sum(self.answers.get(slot, {}).values())

    def unanswered(self, slot: SlotName) -> int:
        """Return how many of them got no answer."""
        counts = self.answers.get(slot, {})
        return sum(count for seen, count in counts.items() if seen.startswith(NO_ANSWER))

    @property
    def total(self) -> int:
        """Return how many requests were sent in all."""
        return sum(self.requests(slot) for slot in self.answers)


class Sender(Protocol):
    """Sends requests to the slots of a service."""

    def send(
        self,
        service: ServiceName,
        counts: Mapping[SlotName, int],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Sent:
        """Send so many requests to each slot, in turn. Stop early where that is asked for."""
        ...


class Synthetic:
    """Sends GET requests through the public address, to the slot that a header selects.

    `client` marks its requests as synthetic, as `public_client` does; `paths` are public ones.
    """

    def __init__(
        self,
        client: httpx.Client,
        paths: Mapping[ServiceName, Sequence[str]],
        *,
        clock: Clock,
        rate: float = RATE,
        concurrency: int = CONCURRENCY,
        limit: float = LIMIT_SECONDS,
    ) -> None:
        self._client = client
        self._paths = paths
        self._clock = clock
        self._rate = rate
        self._concurrency = concurrency
        self._limit = limit

    def send(
        self,
        service: ServiceName,
        counts: Mapping[SlotName, int],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Sent:
        """Send so many requests to each slot, in turn, `limit` seconds long at most."""
        paths = self._paths.get(service, ())
        if not paths:
            return Sent()
        requests = zip(cycle(paths), _in_turn(counts), strict=False)
        batch = _Batch(self._client, self._clock, requests, self._rate, self._limit, cancelled)
        with ThreadPoolExecutor(self._concurrency, thread_name_prefix="synthetic") as pool:
            workers = [pool.submit(batch.work) for _ in range(self._concurrency)]
        for worker in workers:
            worker.result()
        return Sent({slot: dict(answers) for slot, answers in batch.answers.items()})


class _Batch:
    """Requests under way: shared by their workers."""

    def __init__(
        self,
        client: httpx.Client,
        clock: Clock,
        requests: Iterator[tuple[str, SlotName]],
        rate: float,
        limit: float,
        cancelled: Callable[[], bool],
    ) -> None:
        self._client = client
        self._clock = clock
        self._requests = requests
        self._pause = 1 / rate
        self._due = clock.time()
        self._deadline = clock.time() + limit
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self.answers: dict[SlotName, Counter[str]] = {}

    def work(self) -> None:
        """Send one request after the other, each when it is due."""
        while not self._cancelled() and self._clock.time() < self._deadline:
            with self._lock:
                following = next(self._requests, None)
                due, self._due = self._due, max(self._due, self._clock.time()) + self._pause
            if following is None:
                return
            if (wait := due - self._clock.time()) > 0:
                self._clock.sleep(wait)
            path, slot = following
            seen = self._ask(path, slot)
            with self._lock:
                self.answers.setdefault(slot, Counter())[seen] += 1

    def _ask(self, path: str, slot: SlotName) -> str:
        try:
            request = self._client.build_request("GET", path, headers={SLOT_HEADER: slot})
            return str(exchange(self._client, request, clock=self._clock).status)
        except NoAnswer as error:
            return f"{NO_ANSWER}{error}"


def _in_turn(counts: Mapping[SlotName, int]) -> Iterator[SlotName]:
    for turn in zip_longest(*([slot] * count for slot, count in counts.items())):
        yield from (slot for slot in turn if slot is not None)
