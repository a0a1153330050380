"""Programs as files of a supervisor's run folder: one script and one section for each."""

import hashlib
import json
import re
import shlex
from pathlib import Path
from typing import TypedDict

from components.contract import files
from components.dynamic.privileges import unprivileged

LOG_BYTES = "10MB"
LOG_BACKUPS = 3
START_SECONDS = 2
"""A process that ends sooner has not started; a start is told apart from a crash by this."""
START_RETRIES = 100
"""Each retry waits a second longer than the one before, so this is well over an hour."""
TAIL_LINES = 15
MARK = re.compile(r"; group=(?P<group>\S+) definition=(?P<definition>\w+)")
SUFFIXES = ("sh", "conf")


class Program(TypedDict, total=False):
    """One process: `command` is argv, `environment` may hold secrets, times are in seconds."""

    command: list[str]
    directory: str
    environment: dict[str, str]
    unprivileged: bool
    stop_signal: str
    stop_seconds: int


def fingerprint(program: Program) -> str:
    """Return what tells one definition of a program from another."""
    return hashlib.sha256(json.dumps(program, sort_keys=True).encode()).hexdigest()[:16]


def write(run: Path, group: str, name: str, program: Program) -> None:
    """Write script and section; only their owner can read them."""
    mark = f"; group={group} definition={fingerprint(program)}\n"
    files.write(_file(run, name, "sh"), _script(program), mode=0o700)
    files.write(_file(run, name, "conf"), mark + _section(run, name, program), mode=0o600)


def remove(run: Path, name: str) -> None:
    """Remove script and section."""
    for suffix in SUFFIXES:
        _file(run, name, suffix).unlink(missing_ok=True)


def present(run: Path, group: str) -> dict[str, str]:
    """Map the programs of a group that have files to the fingerprints of their definitions."""
    found: dict[str, str] = {}
    for path in (run / "programs").glob("*.conf"):
        try:
            mark = MARK.match(path.read_text())
        except FileNotFoundError:  # another group's program was removed after it was listed
            continue
        if mark is not None and mark["group"] == group:
            found[path.stem] = mark["definition"]
    return found


def log_path(run: Path, name: str) -> Path:
    """Return where the output of a program goes."""
    return run / "logs" / f"{name}.log"


def log_tail(run: Path, name: str) -> str:
    """Return the last lines that a program wrote, indented."""
    path = log_path(run, name)
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


def escaped(path: object) -> str:
    """Return a path as supervisor's configuration wants it: it expands %(...)s there."""
    return str(path).replace("%", "%%")


def _file(run: Path, name: str, suffix: str) -> Path:
    return run / "programs" / f"{name}.{suffix}"


def _script(program: Program) -> str:
    # The one place where secrets are on disk in the clear, for the owner only: a process that
    # is started again while no driver runs needs its environment from somewhere.
    exports = [
        f"export {key}={shlex.quote(value)}"
        for key, value in sorted(program.get("environment", {}).items())
    ]
    command = list(program["command"])
    if program.get("unprivileged"):
        command = [*unprivileged(), *command]
    return "\n".join(["#!/bin/sh", "umask 077", *exports, f"exec {shlex.join(command)}", ""])


def _section(run: Path, name: str, program: Program) -> str:
    # The path of the log is relative to the run folder: supervisor expands it twice.
    return f"""\
[program:{name}]
command=/bin/sh {escaped(shlex.quote(str(_file(run, name, "sh"))))}
directory={escaped(program.get("directory", run))}
autostart=true
autorestart=true
startsecs={START_SECONDS}
startretries={START_RETRIES}
stopsignal={program.get("stop_signal", "TERM")}
stopwaitsecs={program.get("stop_seconds", 20)}
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile={log_path(Path(), name)}
stdout_logfile_maxbytes={LOG_BYTES}
stdout_logfile_backups={LOG_BACKUPS}
"""
