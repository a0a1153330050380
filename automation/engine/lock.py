"""The engine's own lock of a stack: a process that was killed leaves it behind.

In a folder its file is removed; of another backend the engine says who holds it, and takes it away.
"""

import json
import re
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from automation import sessions
from automation.engine import process
from automation.engine.environment import EngineEnvironment
from automation.home import PROJECT

LOCKS = ".pulumi/locks"
SAME_MOMENT_SECONDS = 5.0
LOCKED = "currently locked by"
OWNER = re.compile(
    r"created by (?P<user>\S*)@(?P<hostname>\S+) \(pid (?P<pid>\d+)\) at (?P<timestamp>\S+)"
)
"""How the engine says who holds a lock."""


def remove_stale(backend: Path, stack: str) -> int:
    """Remove the locks of a stack whose processes are dead on this very host; return how many.

    One of another host, or of a live process, stays: somebody is at work there.
    """
    removed = 0
    for file in (backend / LOCKS).glob(f"**/{stack}/*.json"):
        try:
            owner = json.loads(file.read_text())
            stale = _dead(owner)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if stale:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def holders(text: str) -> list[str]:
    """Return whom an error of the engine names as the holders of locks, a phrase each."""
    return [
        f"{found['user']}@{found['hostname']} (process {found['pid']}), since {found['timestamp']}"
        for found in OWNER.finditer(text)
    ]


def released(environment: EngineEnvironment, text: str) -> bool:
    """Take the locks away that an error of the engine names, if all their holders are dead here.

    Only for who holds the environment. Return whether they are gone.
    """
    named = [found.groupdict() for found in OWNER.finditer(text)]
    if not named or not all(_dead(owner) for owner in named):
        return False
    command = [environment.command, "--non-interactive", "cancel", "--yes"]
    command += ["--stack", environment.stack]
    done = process.run(command, cwd=str(PROJECT), env=environment.variables())
    return done.code == 0


def _dead(owner: dict[str, Any]) -> bool:
    return bool(owner["hostname"] == socket.gethostname() and not _alive(owner))


def _alive(owner: dict[str, Any]) -> bool:
    """Tell whether the process that wrote a lock runs; another that got its number does not count.

    One that is dead stays listed until its parent, which may be dead as well, asks for it.
    """
    try:
        found = psutil.Process(int(owner["pid"]))
        began = found.create_time()
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
    locked = datetime.fromisoformat(owner["timestamp"]).timestamp()
    return sessions.runs(found) and began < locked + SAME_MOMENT_SECONDS
