"""`crane`, which makes and pushes container images without a container engine.

From PATH, else from Slipway's cache, else built from its Go module.
"""

import os
import shutil
import threading
from pathlib import Path

from automation import settings
from automation.home import PROJECT
from automation.toolchain import cache, gobuild, versions
from automation.toolchain.cache import Progress
from automation.toolchain.finding import Finding
from components.contract.platforms import ON_CLUSTERS

VERSION = "0.22.1"
PACKAGE = "github.com/google/go-containerregistry/cmd/crane"
WHAT = "crane"
REMEDY = "Install crane from https://github.com/google/go-containerregistry and run this again."
NEEDED_BYTES = 1_000_000_000


def locate(progress: Progress, cancelled: threading.Event | None = None) -> Path:
    """Return the executable. Raise ToolMissing where there is no way to one."""
    found = present()
    if found is not None:
        return found
    folder = cache.root() / "crane"
    with cache.locked(folder / ".lock", progress, "it builds crane"):
        return _cached() or _built(folder, progress, cancelled)


def present() -> Path | None:
    """Return the executable of PATH or of the cache, and build nothing."""
    on_path = shutil.which("crane")
    return Path(on_path) if on_path else _cached()


def findings(root: Path = PROJECT) -> list[Finding]:
    """Look for it where an environment's backend runs from an image; nothing is said elsewhere."""
    users = settings.asking(lambda known: known.backend_platform in ON_CLUSTERS, root)
    if not users:
        return []
    at = present()
    if at is None:
        hint = f"The next `./slipway up {users[0]}` builds it, once."
        return [Finding("crane", "note", VERSION, hint=hint)]
    version = versions.parse(versions.asked([str(at), "version"]) or "")
    return [Finding("crane", "ok", versions.show(version) if version else None, str(at))]


def _cached() -> Path | None:
    kept = cache.root() / "crane" / VERSION / "crane"
    return kept if os.access(kept, os.X_OK) else None


def _built(folder: Path, progress: Progress, cancelled: threading.Event | None) -> Path:
    gobuild.check_space(folder, NEEDED_BYTES, WHAT, REMEDY)
    shop = gobuild.workshop(WHAT, REMEDY, folder / "logs", progress, cancelled)
    progress(f"building crane {VERSION} from its Go module; once, a minute or two")
    with cache.made_whole(folder / VERSION) as new:
        shop.compile("crane", PACKAGE, new / "crane", new / "work" / "crane")
        shutil.rmtree(new / "work")
    return folder / VERSION / "crane"
