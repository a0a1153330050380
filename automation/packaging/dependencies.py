"""Install a backend's dependencies for the platform of its image, in the versions of its artifact.

A wheel for another platform may be another file, so nothing is copied from the virtual environment:
only the versions are taken from there.
"""

import platform
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from automation.builds import python
from automation.builds.job import Job
from automation.specification.models import Backend

PLATFORMS: Mapping[str, str] = {
    "amd64": "x86_64-unknown-linux-gnu",
    "arm64": "aarch64-unknown-linux-gnu",
}
"""The architecture of an image -> what uv calls a glibc Linux on it."""
MACHINES: Mapping[str, str] = {"amd64": "x86_64", "arm64": "aarch64"}
LOCKED = "requirements.locked.txt"
ELSEWHERE = re.compile(r"^(-e\s|.*@\s*file:)")
SHEBANG = re.compile(rb"\A#!(.*python[0-9.]*|/bin/sh\n'''exec' .*\n' ''')\n")


def install(
    job: Job, backend: Backend, interpreter: Path, version: str, architecture: str, into: Path
) -> None:
    """Fill `into` with what the backend imports. Raise BuildFailed where something has no wheel.

    `job.source` is a copy of the sources that may be written to; `version` is that of the Python
    which will run, such as `3.11`.
    """
    env = python.uv_environment()
    command = [*python.UV, "pip", "install", "--quiet", "--target", str(into)]
    command += ["--python", str(interpreter), "--python-version", version]
    command += ["--python-platform", PLATFORMS[architecture], "--link-mode", "copy"]
    if not _is_this(architecture, version):
        # what is compiled here would not run there
        command += ["--only-binary", ":all:"]
    frozen = _frozen(job, interpreter, env)
    job.run(
        "installing dependencies for its image",
        [*command, *_wanted(job, backend, frozen)],
        job.work,
        env,
    )
    _make_portable(into)


def _is_this(architecture: str, version: str) -> bool:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    here = (sys.platform, platform.machine(), own)
    return here == ("linux", MACHINES[architecture], version)


def _frozen(job: Job, interpreter: Path, env: Mapping[str, str]) -> Path:
    """Write down the versions that the artifact has."""
    listed = job.folder / "frozen.txt"
    command = [*python.UV, "pip", "freeze", "--quiet", "--python", str(interpreter)]
    script = 'out="$1"; shift; exec "$@" > "$out"'
    job.run(
        "reading versions", ["/bin/sh", "-c", script, "sh", str(listed), *command], job.work, env
    )
    lines = [line for line in listed.read_text().splitlines() if not ELSEWHERE.match(line)]
    listed.write_text("\n".join([*lines, ""]))
    return listed


def _wanted(job: Job, backend: Backend, frozen: Path) -> list[str]:
    """Return uv's arguments for the same description that the artifact was built by."""
    if backend.install:
        return ["-r", str(frozen)]
    locked = job.folder / LOCKED
    requirements = job.work / (backend.requirements or "requirements.txt")
    if locked.is_file():
        # an editable project would be a path of this machine
        locked.write_text(re.sub(r"(?m)^-e ", "", locked.read_text()))
        return ["-r", str(locked)]
    if requirements.is_file():
        pinned_by_hash = "--hash=" in requirements.read_text()
        return ["-r", str(requirements), *([] if pinned_by_hash else ["-c", str(frozen)])]
    table = python.project(job.work)
    if "project" not in table:
        return [".", "-c", str(frozen)]
    project = ["."] if "build-system" in table else []
    return ["-r", "pyproject.toml", *project, "-c", str(frozen)]


def _make_portable(folder: Path) -> None:
    """Take out what names this machine or differs from one installation to the next."""
    for cache in [*folder.rglob("__pycache__")]:
        shutil.rmtree(cache)
    (folder / ".lock").unlink(missing_ok=True)
    scripts = folder / "bin"
    for script in scripts.iterdir() if scripts.is_dir() else ():
        content = script.read_bytes()
        script.write_bytes(SHEBANG.sub(b"#!/usr/bin/env python3\n", content, count=1))
    for info in folder.glob("*.dist-info"):
        for name in ("direct_url.json", "uv_cache.json", "RECORD"):
            (info / name).unlink(missing_ok=True)
