"""A frontend's artifact as a folder that Vercel takes as it is: Build Output API, version 3.

https://vercel.com/docs/build-output-api. What Vercel does before it looks at files or functions is
said by routes in its `config.json`: which release answers, and that the backend is elsewhere. Both
are known only once the release has its id, so a package is made for each release. It costs no
copy: files are linked to those of the artifact, and go with it.
"""

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation.builds.static import HASHED
from automation.builds.vercel import OUTPUT, PREBUILT
from automation.errors import BuildFailed
from automation.toolchain import cache
from components.contract.outputs import RELEASE_HEADER
from components.contract.release import Artifact

PACKAGES = "packages"
"""Name of the folder in an artifact that holds its packages."""
DIGITS = 8
FOREVER = "public, max-age=31536000, immutable"
HASHED_NAME = r"[.-](?=[A-Za-z0-9_]*[0-9A-Z])[A-Za-z0-9_-]{8,}\.[a-z0-9]+$"
"""A hash is told from a word by a digit or a capital letter."""


@dataclass(frozen=True)
class Routing:
    """Where the backend's requests go: those below `route` to `origin`, a base URL."""

    origin: str = ""
    route: str = "/api"


def package(artifact: Artifact, release: str, routing: Routing) -> Path:
    """Return the folder with a release's `.vercel/output`, made where it is not there yet.

    The same artifact, release and routing give the same folder. Raise BuildFailed where the
    artifact is not on this machine, or was built for another platform.
    """
    built = Path(artifact.path)
    content = json.dumps([release, routing.origin, routing.route])
    digest = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
    folder = built / PACKAGES / f"{release}-{digest}"
    if (folder / OUTPUT / "config.json").is_file():
        return folder
    if not built.is_dir():
        raise BuildFailed(
            f"the frontend of release {release} is not on this machine: {built}",
            hint="Deploy from the machine that built it, or build it again with `up`.",
        )
    with cache.made_whole(folder) as new:
        config = _prebuilt(built, new) if artifact.kind == "node" else _static(artifact, new)
        config["routes"] = [*_first(release, routing), *config.get("routes", ())]
        (new / OUTPUT / "config.json").write_text(json.dumps(config, indent=1))
    return folder


def _prebuilt(built: Path, new: Path) -> dict[str, Any]:
    base = built / PREBUILT
    if not (base / OUTPUT / "config.json").is_file():
        raise BuildFailed(
            f"{built} was not built for Vercel", hint="Build it again: run `./slipway up`."
        )
    _link(base, new)
    config: dict[str, Any] = json.loads((base / OUTPUT / "config.json").read_text())
    (new / OUTPUT / "config.json").unlink()
    return config


def _static(artifact: Artifact, new: Path) -> dict[str, Any]:
    site = Path(artifact.path) / artifact.working_directory
    static = new / OUTPUT / "static"
    static.parent.mkdir(parents=True)
    _link(site, static)
    pages = sorted(p.relative_to(static) for p in static.rglob("*.html") if p.name != "index.html")
    hashed = "|".join(re.escape(prefix) for prefix in HASHED)
    return {
        "version": 3,
        # As this application is served elsewhere: `about.html` is the page `/about`.
        "overrides": {str(page): {"path": str(page.with_suffix(""))} for page in pages},
        "routes": [
            {"handle": "filesystem"},
            {"src": r"^/(.+)\.html$", "dest": "/$1", "check": True},
            # A missing image is missing; a missing page is for the application's own router.
            {"src": r"^/(?:.*/)?[^./]*$", "dest": "/index.html"},
            {"handle": "hit"},
            {
                "src": f"^(?:{hashed})/.*{HASHED_NAME}",
                "headers": {"cache-control": FOREVER},
                "continue": True,
            },
        ],
    }


def _first(release: str, routing: Routing) -> list[dict[str, Any]]:
    """Return what comes before everything else.

    The backend names the release that answered by itself, so the header leaves its paths alone.
    """
    backend = re.escape(routing.route.strip("/"))
    if not routing.origin or not backend:
        return [{"src": "^/.*$", "headers": {RELEASE_HEADER: release}, "continue": True}]
    return [
        {
            "src": rf"^/(?!{backend}(?:/|$)).*$",
            "headers": {RELEASE_HEADER: release},
            "continue": True,
        },
        {"src": rf"^(/{backend}(?:/.*)?)$", "dest": f"{routing.origin.rstrip('/')}$1"},
    ]


def _link(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, copy_function=os.link, dirs_exist_ok=True)
