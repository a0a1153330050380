"""Compile a Go program from a module of `modules/`, which names exactly what goes into it."""

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from automation import processes
from automation.errors import ToolMissing
from automation.toolchain import golang
from automation.toolchain.cache import Progress

MODULES = Path(__file__).parent / "modules"
BUILD_SECONDS = 3600


@dataclass(frozen=True)
class Workshop:
    """What compiles `what`, and what to do instead where it does not: `remedy`."""

    go: Path
    what: str
    remedy: str
    logs: Path
    stop: threading.Event

    def compile(
        self, module: str, package: str, target: Path, work: Path, flags: str = "-s -w"
    ) -> None:
        """Compile a package into `target`, in a new folder `work`.

        Raise ToolMissing with the end of the log when it fails.
        """
        shutil.copytree(MODULES / module, work)
        self._log(work).unlink(missing_ok=True)
        self.run(["build", "-ldflags", flags, "-o", str(target), package], work)

    def run(self, arguments: list[str], work: Path) -> str:
        """Run `go` in a folder that `compile` made; return the last line that it printed."""
        log = self._log(work)
        finished = processes.run(
            [str(self.go), *arguments],
            cwd=work,
            env=processes.environment(
                {"GOFLAGS": "-mod=mod -buildvcs=false", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
            ),
            log=log,
            timeout=BUILD_SECONDS,
            cancelled=self.stop,
        )
        if finished.code != 0:
            raise ToolMissing(
                f"{self.what} could not be built with {self.go}; the log is {log}",
                hint=self.remedy,
                details=finished.tail,
            )
        return finished.tail[-1] if finished.tail else ""

    def _log(self, work: Path) -> Path:
        return self.logs / f"{work.name}.log"


def workshop(
    what: str, remedy: str, logs: Path, progress: Progress, cancelled: threading.Event | None
) -> Workshop:
    """Return a workshop with a `go` that is new enough, fetched where there is none."""
    logs.mkdir(parents=True, exist_ok=True)
    go = golang.locate(progress, cancelled)
    return Workshop(go, what, remedy, logs, cancelled or threading.Event())


def check_space(folder: Path, needed: int, what: str, remedy: str) -> None:
    """Raise ToolMissing where a build would fill the disk."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ToolMissing(
            f"building {what} takes {needed / 1e9:.0f} GB; "
            f"{folder.parent} has {free / 1e9:.1f} GB left",
            hint=remedy,
        )
