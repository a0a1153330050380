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

from automation.toolchain import gobuild
from automation.toolchain.cache import Progress, root

VERSION = "3.259.0"
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
WHAT = "the Pulumi CLI"
REMEDY = "Install Pulumi from https://www.pulumi.com/docs/install/ and run this again."
NEEDED_BYTES = 4_000_000_000
EVERY_SECONDS = 10.0


def build(
    into: Path,
    progress: Progress,
    cancelled: threading.Event | None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Fill `into/bin`. Raise ToolMissing with the end of the log when a build fails."""
    gobuild.check_space(into, NEEDED_BYTES, WHAT, REMEDY)
    stop = cancelled or threading.Event()
    shop = gobuild.workshop(WHAT, REMEDY, root() / "pulumi" / "logs", progress, stop)
    (into / "bin").mkdir()
    progress(f"building Pulumi {VERSION} from its Go modules; once, some minutes on two cores")
    began = clock()
    with ThreadPoolExecutor(max_workers=len(PACKAGES)) as pool:
        builds = {pool.submit(_build, shop, name, into): name for name in PACKAGES}
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


def _build(shop: gobuild.Workshop, name: str, into: Path) -> None:
    executable, package = PACKAGES[name]
    work = into / "work" / name
    shop.compile(name, package, into / "bin" / executable, work, FLAGS)
    if name == "cli":
        source = shop.run(["list", "-m", "-f", "{{.Dir}}", SDK], work)
        for script in SCRIPTS:
            copy = into / "bin" / Path(script).name
            shutil.copyfile(Path(source) / script, copy)
            copy.chmod(0o755)
