"""What a driver that was killed has left at work: an update is waited for, the rest is ended.

Everything that a driver starts inherits a mark that names it. The supervisor, and with it the
application, does not: it outlives every driver (see components/dynamic/supervisor.py).
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil

from automation import sessions
from automation.errors import Blocked
from automation.polling import Clock, SystemClock, wait_until

MARK = "SLIPWAY_DRIVER"
"""Variable with `<process id>:<its start, in seconds since 1970>:<the environment's folder>`."""
CHANGING = frozenset({"up", "destroy", "refresh", "import", "init", "rm"})
"""Verbs of the engine that change something: cut short, they leave that half done."""
PATIENCE_SECONDS = 300.0
INTERRUPT_SECONDS = 60.0
TOLD_EVERY_SECONDS = 15.0
SAME_START_SECONDS = 2.0
"""Starts are told in ticks since the machine's own, whose moment is not exact."""
ROUNDS = 5
"""Processes may start others while they are ended, so one look is not enough."""

Tell = Callable[[str], None]


def sign(folder: Path) -> None:
    """Let everything that this process starts from now on say whose it is."""
    own = psutil.Process()
    os.environ[MARK] = f"{own.pid}:{own.create_time()}:{folder}"


def carried() -> dict[str, str]:
    """Return the mark, for a process that is given an environment of its own."""
    return {MARK: os.environ[MARK]} if MARK in os.environ else {}


def found(folder: Path) -> list[psutil.Process]:
    """List what runs of drivers of an environment that are dead themselves."""
    return [process for process in psutil.process_iter() if _left(process, folder)]


def updating(folder: Path) -> psutil.Process | None:
    """Return the engine that outlived its driver and changes the environment still, if any."""
    return next((process for process in found(folder) if _changes(process)), None)


def end(
    folder: Path,
    tell: Tell,
    clock: Clock | None = None,
    *,
    patience: float = PATIENCE_SECONDS,
    interrupt: float = INTERRUPT_SECONDS,
) -> None:
    """Let an update finish, within `patience` seconds, and end everything else that was left.

    An update that takes longer is interrupted, and killed where that takes more than `interrupt`
    seconds. Raise Blocked where something cannot be ended. Only for who holds the lock.
    """
    clock = clock or SystemClock()
    for engine in filter(_changes, found(folder)):
        _finish(engine, tell, clock, patience, interrupt)
    for _ in range(ROUNDS):
        left = found(folder)
        if not left:
            return
        tell(f"ending what a driver left: {', '.join(sorted({_name(p) for p in left}))}")
        sessions.end(left, clock)
    pids = ", ".join(str(process.pid) for process in found(folder))
    raise Blocked(
        f"processes that a killed driver left cannot be ended: {pids}",
        hint="End them by hand, then run the command again; nothing was changed.",
    )


def _finish(
    engine: psutil.Process, tell: Tell, clock: Clock, patience: float, interrupt: float
) -> None:
    what = f"an update that its driver left (process {engine.pid})"
    tell(f"{what} is finishing: waiting for it, {patience:.0f} s at most")
    began, told = clock.time(), clock.time()

    def runs() -> bool:
        nonlocal told
        if clock.time() - told >= TOLD_EVERY_SECONDS:
            told = clock.time()
            tell(f"{what} is still at work after {told - began:.0f} s")
        return sessions.runs(engine)

    if not _runs_still(runs, clock, patience):
        return
    tell(f"{what} takes too long: interrupting it")
    with contextlib.suppress(psutil.Error):
        engine.send_signal(signal.SIGINT)
    _runs_still(runs, clock, interrupt)


def _runs_still(runs: Callable[[], bool], clock: Clock, seconds: float) -> bool:
    deadline = clock.time() + seconds
    return wait_until(
        runs, accept=lambda running: not running, deadline=deadline, clock=clock, every=0.2
    )


def _left(process: psutil.Process, folder: Path) -> bool:
    try:
        mark = process.environ().get(MARK, "")
    except (psutil.Error, OSError):
        return False
    pid, _, rest = mark.partition(":")
    start, _, named = rest.partition(":")
    if named != str(folder) or not sessions.runs(process):
        return False
    try:
        driver = psutil.Process(int(pid))
        same = abs(driver.create_time() - float(start)) < SAME_START_SECONDS
    except (psutil.Error, ValueError):
        return True
    return not same or not sessions.runs(driver)


def _changes(process: psutil.Process) -> bool:
    try:
        program, *arguments = process.cmdline() or [""]
    except psutil.Error:
        return False
    return Path(program).name == "pulumi" and not CHANGING.isdisjoint(arguments)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return "?"
