"""Signals that end a command: taken between two changes, never in the middle of one."""

import contextlib
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from automation import sessions
from automation.errors import Interrupted
from automation.sessions import SIGNALS

STOPPED = "stopped at once; the next `slipway up` or `slipway rollback` gets home from here\n"


def stop_at_once() -> None:
    """End this process without going back, leaving what it started to end by itself.

    Nothing is waited for and nothing half written: files are replaced as a whole, and an engine
    under way, told to end, writes its state when it does.
    """
    sessions.abandon()
    with contextlib.suppress(OSError):
        os.write(2, f"\n{Interrupted.outcome}: {STOPPED}".encode())
    os._exit(Interrupted.exit_code)


class Interruption:
    """Turns the first signal into a KeyboardInterrupt, at a moment that is safe.

    `cancelled` is set at once, for work on other threads. Inside `shield` the interrupt waits for
    the end of the change under way. The second signal stops at once, whatever is under way;
    while the report is written, the first one only is `noted`.
    """

    def __init__(
        self,
        noted: Callable[[str], None] = lambda _text: None,
        stop: Callable[[], None] = stop_at_once,
    ) -> None:
        self.cancelled = threading.Event()
        self.noted, self.stop = noted, stop
        self._shields = 0
        self._pending = False
        self._heard = False
        self._returning = False

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals here, and as before afterwards. One that is ignored stays so."""
        before = {
            number: signal.signal(number, self._on_signal)
            for number in SIGNALS
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
        }
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
        """Say that the way back begins: a first signal now is noted, and cancels nothing."""
        self._returning = True
        self._pending = False
        self.cancelled.clear()

    def concluding(self) -> None:
        """Say that only the report is left to be written: it takes two more signals to stop."""
        self.taken()
        self._heard = False

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            _leave_the_terminal()
        if self._heard:
            self.stop()
            return
        self._heard = True
        if self._returning:
            self._say("ending already; once more stops at once, the next command then gets home")
            return
        self.cancelled.set()
        if self._shields:
            self._say("finishing the change under way, then going back; once more stops at once")
            self._pending = True
            return
        raise KeyboardInterrupt

    def _say(self, text: str) -> None:
        # The main thread may be in the middle of a line of its own, or its reader be gone.
        with contextlib.suppress(OSError, RuntimeError):
            self.noted(text)


def _leave_the_terminal() -> None:
    """Write to nowhere what went to a terminal that is gone: each line would be an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if stat.S_ISCHR(os.fstat(descriptor).st_mode):
                os.dup2(nowhere, descriptor)
    os.close(nowhere)
