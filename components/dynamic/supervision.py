"""Talk to a supervisord over its socket."""

import contextlib
import hashlib
import http.client
import os
import socket
import time
import xmlrpc.client
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import psutil

from components.contract import flock
from components.contract.outputs import PROGRAM_MARK, RUN_MARK

SOCKET_PATH_LIMIT = 100
"""Unix sockets have paths of at most 107 bytes on Linux, 103 on macOS."""
PATIENCE_SECONDS = 30.0
TERMINATE_SECONDS = 10.0
ROUNDS = 5
"""Processes may start others while they are stopped, so one look is not enough."""
UNREACHABLE = (OSError, xmlrpc.client.Error, http.client.HTTPException)


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE_SECONDS)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE_SECONDS)
        self.sock.connect(self._path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, _host: object) -> http.client.HTTPConnection:
        return _Connection(self._path)


def socket_path(run: Path) -> Path:
    """Return where the supervisor of a run folder listens: inside, unless its path is too long."""
    inside = run / "supervisor.sock"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(str(run).encode()).hexdigest()[:16]
    # Not the user's temporary folder: the next driver's TMPDIR may be another.
    return Path("/tmp") / f"slipway-{digest}.sock"


def connect(run: Path) -> Any:
    """Return a proxy of the supervisor's API. Calls raise OSError where none listens."""
    transport = _Transport(socket_path(run))
    return xmlrpc.client.ServerProxy("http://localhost", transport=transport).supervisor


def answers(run: Path) -> bool:
    """Tell whether a supervisor listens for this run folder."""
    try:
        return bool(connect(run).getState()["statename"] == "RUNNING")
    except UNREACHABLE:
        return False


def require(run: Path) -> None:
    """Raise RuntimeError unless a supervisor answers."""
    if not answers(run):
        raise RuntimeError(
            f"the supervisor in {run} does not answer, so nothing can be started; "
            "`pulumi refresh`, or `slipway up`, sees what is gone and starts it again"
        )


def process_infos(run: Path) -> dict[str, dict[str, Any]]:
    """Return what the supervisor knows of every program, empty where none listens."""
    try:
        return {info["name"]: info for info in connect(run).getAllProcessInfo()}
    except UNREACHABLE:
        return {}


def process_states(run: Path) -> dict[str, str]:
    """Return the state of every program by name, empty where no supervisor listens."""
    return {name: info["statename"] for name, info in process_infos(run).items()}


@contextlib.contextmanager
def exclusive(run: Path) -> Iterator[None]:
    """Keep others, threads and processes, from changing the sections of programs."""
    folder = run / "programs"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock.wait(descriptor)
        yield
    finally:
        os.close(descriptor)


def settle(accept: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `accept` returns true. Raise TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not accept():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def kill_marked(run: Path, programs: Collection[str] | None = None) -> int:
    """Kill every process that carries the mark of this run folder; return how many there were.

    They are what a killed supervisor left behind: nobody else could stop them any more. With
    `programs`, only those of the programs. Raise RuntimeError where some cannot be killed.
    """
    count = 0
    for _ in range(ROUNDS):
        found = _marked(run, programs)
        if not found:
            return count
        count += len(found)
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        _, stubborn = psutil.wait_procs(found, timeout=TERMINATE_SECONDS)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)
    if left := _marked(run, programs):
        pids = ", ".join(str(process.pid) for process in left)
        raise RuntimeError(f"processes of {run} cannot be ended: {pids}")
    return count


def _marked(run: Path, programs: Collection[str] | None) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            known = process.environ()
        except (psutil.Error, OSError):
            continue
        ours = known.get(RUN_MARK) == str(run)
        if ours and (programs is None or known.get(PROGRAM_MARK) in programs):
            found.append(process)
    return found
