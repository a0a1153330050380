"""What a production build of Next.js leaves, put together so that it can be started."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SITE = "site"
"""Name of the folder in an artifact that is served, where it is not the sources themselves."""


@dataclass(frozen=True)
class Built:
    """A finished Next.js build: its folder (`.next` usually), its `output` and `basePath`."""

    folder: Path
    output: str | None
    base: str = ""


def find(work: Path) -> Built | None:
    """Return what `next build` left in a project, or None where it left nothing."""
    for manifest in sorted(work.glob("*/required-server-files.json")):
        config: dict[str, Any] = json.loads(manifest.read_text()).get("config", {})
        return Built(manifest.parent, config.get("output"), config.get("basePath") or "")
    # A static export of recent releases leaves no list of server files.
    marker = next(iter(sorted(work.glob("*/export-marker.json"))), None)
    return Built(marker.parent, "export") if marker else None


def assemble(work: Path, built: Built, artifact: Path) -> Path | None:
    """Move a standalone build to `site/` in the artifact, with the files that it leaves behind.

    Return the folder of its `server.js`, or None where the build has none. In a monorepo it lies
    as deep as the project does in the repository.
    """
    standalone = built.folder / "standalone"
    server = _server(standalone)
    if server is None:
        return None
    inside = server.relative_to(standalone)
    # Copied before: next's own `postbuild` recipes often do the same, which does no harm.
    _copy(built.folder / "static", server / built.folder.name / "static")
    _copy(work / "public", server / "public")
    site = artifact / SITE
    standalone.rename(site)
    return site / inside


def assets(work: Path) -> dict[str, str]:
    """Map the URL prefix of a started build's hashed files to their folder, relative to `work`."""
    built = find(work)
    if built is None or not (built.folder / "static").is_dir():
        return {}
    return {f"{built.base}/_next/static": f"{built.folder.name}/static"}


def server_script(work: Path) -> Path | None:
    """Return the script of `next` as Node would find it from a project, or None."""
    for folder in (work, *work.parents):
        script = folder / "node_modules" / "next" / "dist" / "bin" / "next"
        if script.is_file():
            return script
    return None


def _server(standalone: Path) -> Path | None:
    scripts = [
        script
        for script in standalone.rglob("server.js")
        if "node_modules" not in script.relative_to(standalone).parts
        and any(script.parent.glob("*/BUILD_ID"))
    ]
    return min(scripts, key=lambda script: len(script.parts)).parent if scripts else None


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
