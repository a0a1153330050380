"""Who holds an environment: what is written into its lock, and who is believed."""

import getpass
import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

FILE = "lock"


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: person and host or CI run, the process, what for, since when (ISO, UTC)."""

    owner: str
    host: str
    pid: int
    purpose: str
    since: str

    def __str__(self) -> str:
        return f"{self.owner} (process {self.pid}, `{self.purpose}`, since {self.since})"


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


def write(folder: Path, purpose: str) -> None:
    """Write down that this process holds the lock of a folder."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    own = Holder(owner(), socket.gethostname(), os.getpid(), purpose, since)
    (folder / FILE).write_text(json.dumps(asdict(own)))


def read(folder: Path) -> Holder | None:
    """Return who wrote himself down; None where that is nobody, or somebody who is dead."""
    try:
        found = Holder(**json.loads((folder / FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    here = found.host == socket.gethostname()
    return None if here and not psutil.pid_exists(found.pid) else found
