"""One deployment per environment at a time. The lock dies with its owner, however that ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from automation.errors import Blocked, Busy
from automation.hold import Hold
from automation.holder import FILE, Holder, read, write
from automation.polling import Clock, SystemClock, wait_until
from components.contract import flock

ASKING_SECONDS = 0.2
NAMING_SECONDS = 2.0
UNKNOWN = "somebody who has only just begun"


@contextlib.contextmanager
def held(
    folder: Path, environment: str, purpose: str, clock: Clock | None = None
) -> Iterator[Hold]:
    """Hold the environment's lock. Raise Busy, naming the owner, where somebody else has it.

    Raise Blocked where nobody can hold it: the folder cannot be written to. What is given extends
    the lock to other machines.
    """
    clock = clock or SystemClock()
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            taken = _taken(stack, folder, clock)
            if taken:
                write(folder, purpose)
        except OSError as error:
            raise Blocked(
                f"{environment} cannot be locked: {error.filename or folder}: {error.strerror}",
                hint="Who deploys writes to that folder: check its rights and the disk.",
            ) from None
        if not taken:
            raise Busy(f"{environment} is being deployed by {_named(folder, clock) or UNKNOWN}")
        try:
            with contextlib.ExitStack() as elsewhere:
                yield Hold(environment, purpose, elsewhere)
        finally:
            with contextlib.suppress(OSError):
                (folder / FILE).write_text("")  # the file itself stays: others may wait for it


def current(folder: Path) -> str | None:
    """Return who holds the lock now, or None."""
    with contextlib.ExitStack() as stack:
        try:
            if all(_shared(stack, path) for path in (folder / FILE, folder)):
                return None
        except FileNotFoundError:
            return None
    return str(read(folder) or UNKNOWN)


def holder(folder: Path) -> Holder | None:
    """Return what is known of who holds the lock now; None where nobody does, or says so."""
    return read(folder) if current(folder) is not None else None


def _taken(stack: contextlib.ExitStack, folder: Path, clock: Clock) -> bool:
    # Both: with the folder alone locks do not work on every network's file system, and the file
    # alone may be deleted by somebody while it is held.
    file = _open(stack, folder / FILE, os.O_RDWR | os.O_CREAT)
    itself = _open(stack, folder, os.O_RDONLY)
    # Somebody who only asks for the owner has it as well, for no time at all.
    return wait_until(
        lambda: flock.taken(file) and flock.taken(itself),
        accept=bool,
        deadline=clock.time() + ASKING_SECONDS,
        clock=clock,
        every=ASKING_SECONDS / 4,
    )


def _open(stack: contextlib.ExitStack, path: Path, flags: int) -> int:
    descriptor = os.open(path, flags, 0o600)
    stack.callback(os.close, descriptor)
    return descriptor


def _shared(stack: contextlib.ExitStack, path: Path) -> bool:
    try:
        return flock.taken(_open(stack, path, os.O_RDONLY), fcntl.LOCK_SH)
    except FileNotFoundError:
        if path.name == FILE:
            return True  # deleted, perhaps while it is held: the folder's lock tells
        raise


def _named(folder: Path, clock: Clock) -> Holder | None:
    """Wait a moment for the name of somebody who has only just taken the lock."""
    return wait_until(
        lambda: read(folder),
        accept=lambda holder: holder is not None,
        deadline=clock.time() + NAMING_SECONDS,
        clock=clock,
        every=NAMING_SECONDS / 20,
    )
