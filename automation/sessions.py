"""The processes that this driver has started, and how they are ended.

Each is the leader of a session of its own: the terminal's Ctrl-C does not reach it, and whatever
it starts in turn, plugins included, is found by the session's number.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence

import psutil

from automation.polling import Clock, SystemClock, wait_until

GRACE_SECONDS = 5.0
EVERY_SECONDS = 0.05
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_under_way: dict[int, signal.Signals] = {}


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Hold the signals back that come meanwhile; they arrive at its end.

    What is being started runs before anybody has its number: interrupted then, it would go on
    with nobody to end it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals interrupt the main thread alone
        return
    with contextlib.ExitStack() as later:
        before = {number: signal.getsignal(number) for number in SIGNALS}
        handled = {number: handler for number, handler in before.items() if callable(handler)}
        for number in handled:
            signal.signal(number, lambda heard, _frame: _again(later, heard))
        try:
            yield
        finally:
            for number, handler in handled.items():
                signal.signal(number, handler)


def _again(later: contextlib.ExitStack, number: int) -> None:
    later.callback(signal.raise_signal, number)


@contextlib.contextmanager
def under_way(leader: int, number: signal.Signals) -> Iterator[None]:
    """Remember a session while it is at work, and the signal with which it ends by itself."""
    _under_way[leader] = number
    try:
        yield
    finally:
        _under_way.pop(leader, None)


def abandon() -> None:
    """Tell every session under way to end by itself, and wait for none. For signal handlers."""
    for leader, number in list(_under_way.items()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, number)


def members(leader: int) -> list[psutil.Process]:
    """List what runs in a session, whatever its process groups are."""
    every = psutil.process_iter()
    return [process for process in every if _session(process) == leader and runs(process)]


def runs(process: psutil.Process) -> bool:
    """Tell whether a process runs. One that ended and that nobody has waited for does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def end(processes: Sequence[psutil.Process], clock: Clock | None = None) -> None:
    """End processes, politely first; those that will not are killed after GRACE_SECONDS."""
    clock = clock or SystemClock()
    for send in (psutil.Process.terminate, psutil.Process.kill):
        if not _told(processes, send, clock):
            return


def _told(
    processes: Sequence[psutil.Process], send: Callable[[psutil.Process], None], clock: Clock
) -> list[psutil.Process]:
    """Send a signal to those that run, give them time, and return who runs still."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            send(process)
    return wait_until(
        lambda: [process for process in processes if runs(process)],
        accept=lambda left: not left,
        deadline=clock.time() + GRACE_SECONDS,
        clock=clock,
        every=EVERY_SECONDS,
    )


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except OSError:
        return None
