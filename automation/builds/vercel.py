"""Build a Next.js frontend with Vercel's own builder, on this machine and without an account.

`vercel build` runs the project's build and sorts what comes out into static files and functions:
https://vercel.com/docs/cli/build. Its result is kept with all files that its functions name, so
that the sources are not needed any more.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from automation.builds.job import Job
from automation.specification.models import Frontend
from automation.toolchain import cache
from automation.toolchain.node import NodeTools

VERSION = "60.0.0"
"""Of the npm package `vercel`."""
PREBUILT = "prebuilt"
"""Name of the folder in an artifact that holds what Vercel takes."""
OUTPUT = PurePosixPath(".vercel/output")
NOT_OUTPUT = ("builds.json", "diagnostics")
"""What the builder says about itself, with paths of this machine; it is no part of the format."""


def check(job: Job, frontend: Frontend) -> None:
    """Raise BuildFailed for a frontend that Vercel has no place for."""
    if frontend.kind == "node" or frontend.start:
        declared = "start" if frontend.start else "kind: node"
        raise job.failed(
            f"Vercel runs Next.js and static files, and no server of one's own (`{declared}`)",
            hint="Choose another slipway:frontendPlatform, or declare kind nextjs or static.",
        )


def build(
    job: Job, command: str, node: NodeTools, env: Mapping[str, str], node_version: str
) -> None:
    """Run the project's build command inside Vercel's builder, and keep what it makes.

    `node_version` is that of the functions, such as `24.x`. Dependencies are installed. Raise
    BuildFailed with the end of the log.
    """
    executable = _provide(job, node, env)
    folder = job.source / ".vercel"
    folder.mkdir(exist_ok=True)
    place = None if str(job.place) == "." else str(job.place)
    settings: dict[str, Any] = {
        "framework": "nextjs",
        "installCommand": "true",
        "buildCommand": command,
        "nodeVersion": node_version,
        "rootDirectory": place,
    }
    # Ids of no project: the builder only wants to see that there is one.
    project = {"projectId": "prj_slipway", "orgId": "team_slipway", "settings": settings}
    (folder / "project.json").write_text(json.dumps(project))
    arguments = ["build", "--prod", "--yes", "--global-config", str(job.folder / ".vercel-cli")]
    silent = {**env, "VERCEL_TELEMETRY_DISABLED": "1", "NO_UPDATE_NOTIFIER": "1"}
    job.run("building for Vercel", [str(executable), *arguments], job.source, silent)
    output = job.source / OUTPUT
    if not (output / "config.json").is_file():
        raise job.failed("Vercel's builder left no .vercel/output/config.json")
    collect(output, job.source, job.folder / PREBUILT)
    shutil.rmtree(folder)
    shutil.rmtree(job.folder / ".vercel-cli", ignore_errors=True)


def collect(output: Path, root: Path, to: Path) -> None:
    """Copy a build's output, and those files of `root` that its functions name, to a new folder.

    Functions that are links to others become copies: uploads know nothing of links to folders.
    """
    shutil.copytree(
        output,
        to / OUTPUT,
        ignore=lambda place, _names: NOT_OUTPUT if Path(place) == output else (),
    )
    for file in sorted(_named(to / OUTPUT)):
        target = to / file
        if target.exists() or target.is_symlink():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / file).is_dir():
            target.symlink_to((root / file).readlink())
        else:
            shutil.copy2(root / file, target)


def _named(output: Path) -> Iterator[str]:
    for configuration in output.rglob(".vc-config.json"):
        yield from json.loads(configuration.read_text()).get("filePathMap", {}).values()


def _provide(job: Job, node: NodeTools, env: Mapping[str, str]) -> Path:
    """Return the builder's executable; fetched once into the cache of tools."""
    folder = cache.root() / "node" / f"vercel-{VERSION}"
    executable = folder / "node_modules" / ".bin" / "vercel"
    if executable.exists():
        return executable
    with (
        cache.locked(folder.with_suffix(".lock"), job.progress, "it fetches Vercel's builder"),
        cache.made_whole(folder) as new,
    ):
        fetch = [str(node.npm), "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        package = f"vercel@{VERSION}"
        job.run(f"fetching {package}", [*fetch, "--prefix", str(new), package], new, env)
    return executable
