"""A release's backend as one process of its own, with another database than it has when live."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from automation.errors import Interrupted, SlipwayError
from automation.processes import environment, run
from components.contract import references
from components.contract.release import Artifact

HOST = "127.0.0.1"
LAST_LINES = 5


@dataclass
class Running:
    """The process: where it listens, and how it ended if it did."""

    url: str
    ended: str | None = None

    def alive(self) -> str | None:
        """Return why it will not come back, or None."""
        return self.ended


@contextmanager
def running(
    artifact: Artifact,
    values: Mapping[str, str],
    *,
    log: Path,
    clean: Callable[[str], str],
) -> Iterator[Running]:
    """Start the backend on a free port of this machine, and end it with all its children.

    `values` lack the port alone; what it prints goes to the log, cleaned.
    """
    port = str(_free_port())
    resolved = {**values, "port": port}
    variables = {name: references.resolve(t, resolved) for name, t in artifact.variables.items()}
    process = Running(f"http://{HOST}:{port}")
    stop = threading.Event()

    def work() -> None:
        with log.open("a") as file:
            try:
                done = run(
                    [references.resolve(part, {"port": port}) for part in artifact.command],
                    cwd=Path(artifact.path) / artifact.working_directory,
                    env=environment({**variables, artifact.port_variable: port}),
                    on_line=lambda line: print(clean(line), file=file, flush=True),
                    cancelled=stop,
                    keep=LAST_LINES,
                )
                process.ended = clean(f"ended with {done.code}: {' '.join(done.tail)[-300:]}")
            except Interrupted:
                process.ended = "was stopped"
            except (OSError, SlipwayError) as error:
                process.ended = clean(f"could not be started: {error}")

    (thread := threading.Thread(target=work, daemon=True)).start()
    try:
        yield process
    finally:
        stop.set()
        thread.join()


def _free_port() -> int:
    # Free a moment later as well: the kernel hands such ports out in turn.
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])
