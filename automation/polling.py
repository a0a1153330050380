"""Waiting, with a deadline, a clock and a last observation."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """What time it is, in seconds that never go backwards, and how to let it pass."""

    def time(self) -> float:
        """Return the seconds since some fixed moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""
        ...


class SystemClock:
    """The clock of this machine."""

    def time(self) -> float:
        """Return the seconds since some fixed moment, untouched by changes of the date."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""
        time.sleep(seconds)


def wait_until(
    observe: Callable[[], T],
    *,
    accept: Callable[[T], bool],
    deadline: float,
    clock: Clock,
    every: float = 0.5,
) -> T:
    """Observe until an observation is accepted or the deadline passes; return the last one.

    `deadline` is a moment of `clock`, `every` the seconds between two observations. There is
    always at least one. The caller asks the returned observation whether it was accepted.
    """
    while True:
        observation = observe()
        left = deadline - clock.time()
        if accept(observation) or left <= 0:
            return observation
        clock.sleep(min(every, left))
