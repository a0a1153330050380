"""The engine's own lock in a folder backend: a process that was killed leaves it behind."""

import json
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from automation import sessions

LOCKS = ".pulumi/locks"
SAME_MOMENT_SECONDS = 5.0


def remove_stale(backend: Path, stack: str) -> int:
    """Remove the locks of a stack whose processes are dead on this very host; return how many.

    One of another host, or of a live process, stays: somebody is at work there.
    """
    removed = 0
    for file in (backend / LOCKS).glob(f"**/{stack}/*.json"):
        try:
            owner = json.loads(file.read_text())
            stale = owner["hostname"] == socket.gethostname() and not _alive(owner)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if stale:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _alive(owner: dict[str, Any]) -> bool:
    """Tell whether the process that wrote a lock runs; another that got its number does not count.

    One that is dead stays listed until its parent, which may be dead as well, asks for it.
    """
    try:
        process = psutil.Process(int(owner["pid"]))
        began = process.create_time()
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
    locked = datetime.fromisoformat(owner["timestamp"]).timestamp()
    return sessions.runs(process) and began < locked + SAME_MOMENT_SECONDS
