"""Pulumi's official installer, in a process of its own so that it can be given up."""

import sys
import threading
from importlib.metadata import version as installed_version
from pathlib import Path

from automation import processes
from automation.toolchain.cache import Progress, Unavailable

VERSION = installed_version("pulumi")
"""The CLI that goes with the SDK; what `PulumiCommand.install` fetches by default."""
SCRIPT = "https://get.pulumi.com/install.sh"
REACH_SECONDS = 12
DOWNLOAD_SECONDS = 300

REACH = f"import urllib.request as r; r.urlopen({SCRIPT!r}, timeout=8).read(1)"
INSTALL = (
    "import sys; from pulumi.automation import PulumiCommand; "
    "PulumiCommand.install(root=sys.argv[1])"
)


def install(into: Path, progress: Progress, cancelled: threading.Event | None) -> None:
    """Install into a folder. Raise Unavailable where the host or the installer fails.

    Both are bounded in time: a name server or a firewall that swallows packets costs seconds.
    """
    progress("looking for the official installer of Pulumi")
    if not _python(REACH, [], REACH_SECONDS, cancelled):
        raise Unavailable("the host of Pulumi's installer cannot be reached from here")
    progress(f"installing Pulumi {VERSION}")
    done = _python(INSTALL, [str(into)], DOWNLOAD_SECONDS, cancelled)
    if not done or not (into / "bin" / "pulumi").is_file():
        raise Unavailable("the official installer of Pulumi did not succeed")


def _python(
    code: str, arguments: list[str], seconds: float, cancelled: threading.Event | None
) -> bool:
    try:
        finished = processes.run(
            [sys.executable, "-c", code, *arguments],
            cwd=Path.home(),
            env=processes.environment(),
            timeout=seconds,
            cancelled=cancelled,
        )
    except processes.TimedOut:
        return False
    return finished.code == 0
