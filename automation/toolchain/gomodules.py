"""Build the Pulumi CLI and the Python language host from their Go modules.

The module proxy lists no versions of these, so a `go.mod` (in `modules/`, with the checksums of
everything in `go.sum`) names each exactly.
"""

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from automation import processes
from automation.errors import ToolMissing
from automation.toolchain import golang
from automation.toolchain.cache import Progress, root

VERSION = "3.259.0"
MODULES = Path(__file__).parent / "modules"
PACKAGES = {
    "cli": ("pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),
    "host": (
        "pulumi-language-python",
        "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
    ),
}
SDK = "github.com/pulumi/pulumi/sdk/v3"
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
FLAGS = f"-s -w -X {SDK}/go/common/version.Version=v{VERSION}"
NEEDED_BYTES = 4_000_000_000
BUILD_SECONDS = 3600
EVERY_SECONDS = 10.0


def build(
    into: Path,
    progress: Progress,
    cancelled: threading.Event | None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Fill `into/bin`. Raise ToolMissing with the end of the log when a build fails."""
    _check_space(into)
    go = golang.locate(progress, cancelled)
    (into / "bin").mkdir()
    progress(f"building Pulumi {VERSION} from its Go modules; once, some minutes on two cores")
    logs = root() / "pulumi" / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    began = clock()
    stop = cancelled or threading.Event()
    with ThreadPoolExecutor(max_workers=len(PACKAGES)) as pool:
        builds = {pool.submit(_build, go, name, into, logs, stop): name for name in PACKAGES}
        done = threading.Event()
        ticker = threading.Thread(target=_tick, args=(done, progress, began, clock), daemon=True)
        ticker.start()
        try:
            for finished in as_completed(builds):
                finished.result()
        except BaseException:
            stop.set()
            raise
        finally:
            done.set()
            ticker.join()
    shutil.rmtree(into / "work")
    progress(f"built Pulumi {VERSION} in {clock() - began:.0f} s")


def _tick(
    done: threading.Event, progress: Progress, began: float, clock: Callable[[], float]
) -> None:
    while not done.wait(EVERY_SECONDS):
        progress(f"building Pulumi {VERSION}: {clock() - began:.0f} s so far")


def _build(go: Path, name: str, into: Path, logs: Path, stop: threading.Event) -> None:
    executable, package = PACKAGES[name]
    work = into / "work" / name
    shutil.copytree(MODULES / name, work)
    log = logs / f"{name}.log"
    log.unlink(missing_ok=True)
    target = into / "bin" / executable
    _go(go, ["build", "-ldflags", FLAGS, "-o", str(target), package], work, log, stop)
    if name == "cli":
        source = _go(go, ["list", "-m", "-f", "{{.Dir}}", SDK], work, log, stop)
        for script in SCRIPTS:
            copy = into / "bin" / Path(script).name
            shutil.copyfile(Path(source) / script, copy)
            copy.chmod(0o755)


def _go(go: Path, arguments: list[str], work: Path, log: Path, stop: threading.Event) -> str:
    finished = processes.run(
        [str(go), *arguments],
        cwd=work,
        env=processes.environment(
            {"GOFLAGS": "-mod=mod -buildvcs=false", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        ),
        log=log,
        timeout=BUILD_SECONDS,
        cancelled=stop,
    )
    if finished.code != 0:
        raise ToolMissing(
            f"the Pulumi CLI could not be built with {go}; the log is {log}",
            hint="Install Pulumi from https://www.pulumi.com/docs/install/ and run this again.",
            details=finished.tail,
        )
    return finished.tail[-1] if finished.tail else ""


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise ToolMissing(
            f"building the Pulumi CLI takes {NEEDED_BYTES / 1e9:.0f} GB; "
            f"{folder.parent} has {free / 1e9:.1f} GB left",
            hint="Free some space, or put an installed Pulumi on PATH.",
        )
