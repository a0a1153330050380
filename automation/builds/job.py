"""One build under way: its folder, its log, and running its commands."""

import shlex
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from automation import processes
from automation.errors import BuildFailed
from automation.toolchain.cache import Progress

SOURCE = "source"
"""Name of the folder in an artifact that the sources are copied to."""
TIMEOUT_SECONDS = 3600
DISK_FULL_TEXTS = ("ENOSPC", "No space left on device", "os error 28")


@dataclass(frozen=True)
class Job:
    """A build in `folder`, of the sources copied to its `source/`.

    `place` is the service's folder inside the sources. `variables` are the resolved build-time
    variables, `node_modules/.bin` and the like come through the recipes.
    """

    service: str
    folder: Path
    place: PurePosixPath
    variables: Mapping[str, str]
    log: Path
    progress: Progress
    cancelled: threading.Event

    @property
    def source(self) -> Path:
        """Folder of the copied sources."""
        return self.folder / SOURCE

    @property
    def work(self) -> Path:
        """Folder of the service inside the copied sources."""
        return self.source / self.place

    def run(self, what: str, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        """Run a command of the build. Raise BuildFailed with the end of what it printed."""
        self.note(f"{what}: {shlex.join(command)}")
        self.progress(f"{self.service}: {what}")
        try:
            finished = processes.run(
                command,
                cwd=cwd,
                env=env,
                log=self.log,
                timeout=TIMEOUT_SECONDS,
                cancelled=self.cancelled,
            )
        except processes.TimedOut as problem:
            raise self.failed(f"{what} took longer than {TIMEOUT_SECONDS} s") from problem
        except FileNotFoundError as problem:
            raise self.failed(f"{what}: {command[0]} is not there") from problem
        if finished.code == 0:
            return
        if any(sign in line for line in finished.tail for sign in DISK_FULL_TEXTS):
            raise BuildFailed(
                f"{self.service}: the disk is full; {what} stopped. The log is {self.log}",
                hint="Free some space and run the command again; nothing was changed.",
                details=finished.tail,
            )
        raise self.failed(f"{what} ended with code {finished.code}", finished.tail)

    def shell(self, what: str, script: str, cwd: Path, env: Mapping[str, str]) -> None:
        """Run a command line of the specification."""
        self.run(what, ["/bin/sh", "-c", script], cwd, env)

    def note(self, line: str) -> None:
        """Write a line to the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"# {line}\n")

    def failed(
        self, message: str, details: tuple[str, ...] = (), *, hint: str | None = None
    ) -> BuildFailed:
        """Return the error that says which build failed and where its log is."""
        text = f"the {self.service} was not built: {message}; the log is {self.log}"
        return BuildFailed(text, hint=hint, details=details)
