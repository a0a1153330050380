"""Talk to a supervisord over its socket."""

import hashlib
import tempfile
import time
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

RUN_MARK = "SLIPWAY_RUN"
"""Variable in the environment of every process of an environment; its value is the run folder."""
SOCKET_PATH_LIMIT = 100
"""Unix sockets have paths of at most 107 bytes on Linux, 103 on macOS."""
PATIENCE_SECONDS = 30.0


def socket_path(run: Path) -> Path:
    """Return where the supervisor of a run folder listens: inside it, unless its path is too long."""
    inside = run / "supervisor.sock"
    if len(str(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(str(run).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"slipway-{digest}.sock"


def connect(run: Path) -> Any:
    """Return a proxy of the supervisor's API. Calls raise OSError where none listens."""
    transport = SupervisorTransport(None, None, serverurl=f"unix://{socket_path(run)}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor


def answers(run: Path) -> bool:
    """Tell whether a supervisor listens for this run folder."""
    try:
        return bool(connect(run).getState()["statename"] == "RUNNING")
    except (OSError, xmlrpc.client.Error):
        return False


def process_states(run: Path) -> dict[str, str]:
    """Return the state of every program by name, empty where no supervisor listens."""
    try:
        return {info["name"]: info["statename"] for info in connect(run).getAllProcessInfo()}
    except (OSError, xmlrpc.client.Error):
        return {}


def settle(accept: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `accept` returns true. Raise TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not accept():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def kill_marked(run: Path) -> int:
    """Kill every process that carries the mark of this run folder; return how many there were.

    They are what a killed supervisor left behind: nobody else could stop them any more.
    """
    marked = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(RUN_MARK) == str(run):
                marked.append(process)
        except (psutil.Error, OSError):
            continue
    for process in marked:
        process.terminate()
    _, stubborn = psutil.wait_procs(marked, timeout=10)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return len(marked)
