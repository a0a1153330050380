"""Slipway's cache of tools: shared by all checkouts of a user, safe to delete at any time."""

import contextlib
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from components.contract import flock

Progress = Callable[[str], None]
SETTLED_SECONDS = 60.0


class Unavailable(Exception):
    """One way to get a tool is not open here; the message says why. Another may be."""


def root() -> Path:
    """Return the cache's folder: `slipway` in XDG_CACHE_HOME or else in `~/.cache`."""
    named = os.environ.get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "slipway"


@contextlib.contextmanager
def locked(path: Path, progress: Progress, waiting_for: str) -> Iterator[None]:
    """Hold the file's lock; say so when somebody else has it. Freed by a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        if not flock.taken(lock.fileno()):
            progress(f"waiting for another process: {waiting_for}")
            flock.wait(lock.fileno())
        yield


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the file's lock where nobody has it; tell whether. One that is not there is free."""
    try:
        lock = path.open("rb")
    except FileNotFoundError:
        yield True
        return
    with lock:
        yield flock.taken(lock.fileno())


@contextlib.contextmanager
def made_whole(final: Path) -> Iterator[Path]:
    """Give a new folder that becomes `final` when all went well, and is gone otherwise."""
    final.parent.mkdir(parents=True, exist_ok=True)
    with passing(final.parent, f".{final.name}-") as new:
        yield new
        new.chmod(0o755)
        shutil.rmtree(final, ignore_errors=True)
        new.rename(final)


@contextlib.contextmanager
def passing(place: Path, prefix: str) -> Iterator[Path]:
    """Give a new folder that is gone afterwards; first remove those that killed makers left."""
    for left in place.glob(f"{glob.escape(prefix)}*"):
        if _is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    maker = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flock.wait(maker)
        yield new
    finally:
        os.close(maker)
        shutil.rmtree(new, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Tell whether no process has a folder's lock any more, which its maker takes at once."""
    try:
        if time.time() - folder.stat().st_mtime < SETTLED_SECONDS:
            return False  # its maker may not have come to lock it
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        return flock.taken(lock)
    finally:
        os.close(lock)
