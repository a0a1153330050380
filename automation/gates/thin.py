"""Thin traffic: bounded synthetic requests, in equal number to both slots where that is enough."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from automation.gates.watch import Watch
from automation.metrics.window import Window
from automation.polling import Clock, wait_until
from automation.probes.synthetic import Sender, Sent
from components.contract.desired import SlotName
from components.contract.release import ServiceName

COUNTED_SECONDS = 10.0
"""How long statistics may take to show what was sent, beyond their lag; Envoy's response times
are a flush behind its counters."""
SPARE = 1.05
"""Some answers come without a response time, when they fail on the way."""


@dataclass
class Synthetic:
    """What a gate may send itself, and what it has sent."""

    sender: Sender | None
    budget: int
    clock: Clock
    cancelled: Callable[[], bool] = lambda: False
    sent: dict[ServiceName, dict[SlotName, dict[str, int]]] = field(default_factory=dict)
    unanswered: int = 0

    def top_up(self, watch: Watch) -> None:
        """Send what the slots lack, if the budget is enough for it, and wait for it to count."""
        before = self.budget
        for service, lacks in watch.lacking().items():
            window = watch.windows[service]
            counts = allotted(window, lacks, self.budget)
            if counts and self.sender is not None:
                self._note(service, window, self.sender.send(service, counts, self.cancelled))
        if self.budget == before:
            return
        wait_until(
            lambda: self._counted(watch),
            accept=bool,
            deadline=self.clock.time() + COUNTED_SECONDS + watch.lag_seconds,
            clock=self.clock,
        )
        watch.close()

    def _counted(self, watch: Watch) -> bool:
        watch.look(patient=True)
        return not watch.lacking() or self.cancelled()

    def _note(self, service: ServiceName, window: Window, sent: Sent) -> None:
        self.budget -= sent.total
        self.unanswered += sent.unanswered(window.new)
        noted = self.sent.setdefault(service, {})
        for slot, answers in sent.answers.items():
            seen = noted.setdefault(slot, {})
            for answer, count in answers.items():
                seen[answer] = seen.get(answer, 0) + count


def allotted(window: Window, lacks: tuple[int, int], budget: int) -> Mapping[SlotName, int]:
    """Return how many requests each slot gets; nothing where the budget is not enough.

    Both get the same number, so that like is compared with like, as far as the budget goes.
    """
    new, old = (int(each * SPARE) for each in lacks)
    if new + old > budget:
        return {}
    if window.old is None:
        return {window.new: new}
    new, old = max(new, min(old, budget - old)), max(old, min(new, budget - new))
    return {window.new: new, window.old: old}
