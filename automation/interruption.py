"""Signals that end a command: taken between two changes, never in the middle of one."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Turns the first SIGINT or SIGTERM into a KeyboardInterrupt, at a moment that is safe.

    `cancelled` is set at once, for work on other threads. Inside `shield` the interrupt waits for
    the end of the change under way. Later signals are only `noted`: the way back is under way.
    """

    def __init__(self, noted: Callable[[str], None] = lambda _text: None) -> None:
        self.cancelled = threading.Event()
        self.noted = noted
        self._shields = 0
        self._pending = False
        self._taken = False

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals here, and as before afterwards."""
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def shield(self) -> Iterator[None]:
        """Let a change be finished first. Raise KeyboardInterrupt afterwards if one is due."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if one is due, once."""
        if self._pending and self._shields == 0:
            self._pending = False
            raise KeyboardInterrupt

    def taken(self) -> None:
        """Say that the interrupt was seen: what follows is the way back, and not cancelled."""
        self._taken = True
        self._pending = False
        self.cancelled.clear()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._taken:
            self.noted("going back already; if this is killed, the next command finishes it")
            return
        self.cancelled.set()
        if self._shields:
            self.noted("finishing the change under way, then going back")
            self._pending = True
            return
        raise KeyboardInterrupt
