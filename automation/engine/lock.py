"""The engine's own lock in a folder backend: a process that was killed leaves it behind."""

import json
import os
import socket
from pathlib import Path

LOCKS = ".pulumi/locks"


def remove_stale(backend: Path, stack: str) -> int:
    """Remove the locks of a stack whose processes are dead on this very host; return how many.

    One of another host, or of a live process, stays: somebody is at work there.
    """
    removed = 0
    for file in (backend / LOCKS).glob(f"**/{stack}/*.json"):
        try:
            owner = json.loads(file.read_text())
            stale = owner["hostname"] == socket.gethostname() and not _alive(int(owner["pid"]))
        except (OSError, ValueError, KeyError):
            continue
        if stale:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
