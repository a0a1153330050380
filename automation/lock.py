"""One deployment per environment at a time. The lock dies with its owner, however that ends."""

import contextlib
import fcntl
import getpass
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from automation.errors import Busy
from automation.polling import Clock, SystemClock, wait_until

ASKING_SECONDS = 0.2


def owner() -> str:
    """Say who is deploying: a CI run where there is one, else person and host."""
    run = os.environ.get("GITHUB_RUN_ID") or os.environ.get("CI_JOB_ID")
    if run:
        actor = os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN") or "ci"
        return f"{actor} (CI run {run})"
    try:
        person = getpass.getuser()
    except (KeyError, OSError):
        person = str(os.getuid())
    return f"{person}@{socket.gethostname()}"


@contextlib.contextmanager
def held(
    folder: Path, environment: str, purpose: str, clock: Clock | None = None
) -> Iterator[None]:
    """Hold the environment's lock. Raise Busy, naming the owner, where somebody else has it."""
    clock = clock or SystemClock()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Somebody who only asks for the owner has it as well, for no time at all.
        taken = wait_until(
            lambda: _take(descriptor),
            accept=bool,
            deadline=clock.time() + ASKING_SECONDS,
            clock=clock,
            every=ASKING_SECONDS / 4,
        )
        if not taken:
            raise Busy(f"{environment} is being deployed by {_describe(descriptor)}")
        _write(descriptor, purpose)
        yield
    finally:
        os.close(descriptor)


def current(folder: Path) -> str | None:
    """Return who holds the lock now, or None."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _describe(descriptor)
    finally:
        os.close(descriptor)
    return None


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(descriptor: int, purpose: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps({"owner": owner(), "pid": os.getpid(), "since": since, "purpose": purpose})
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def _describe(descriptor: int) -> str:
    try:
        held_by = json.loads(os.pread(descriptor, 4096, 0))
        return "{owner} (process {pid}, `{purpose}`, since {since})".format(**held_by)
    except (ValueError, KeyError):
        return "somebody who has only just begun"
