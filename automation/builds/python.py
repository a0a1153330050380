"""A virtual environment for a backend: the interpreter that it asks for, and uv set up for it."""

import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from automation import processes
from automation.builds.job import Job
from automation.toolchain import registries, versions

UV = (sys.executable, "-m", "uv")


def uv_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which uv uses the package index that pip is set up to use."""
    plain = processes.environment()
    # uv would fetch interpreters from a host that is no package registry.
    settings = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", **_index_settings()}
    return {**settings, **plain, **(extra or {})}


@cache
def _index_settings() -> dict[str, str]:
    plain = processes.environment()
    return registries.uv_settings(registries.read_pip_settings(sys.executable, plain), plain)


def project(folder: Path) -> dict[str, Any]:
    """Return a folder's `pyproject.toml`, empty where there is none or it cannot be read."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            return tomllib.load(file)
    except (OSError, ValueError):  # a broken one, or text that is not UTF-8
        return {}


def table(folder: Path) -> dict[str, Any]:
    """Return the table `project` of a folder's `pyproject.toml`, empty where there is none."""
    declared = project(folder).get("project")
    return declared if isinstance(declared, dict) else {}


def wanted(folder: Path) -> str:
    """Return the versions of Python that a project asks for, as a specifier; maybe empty."""
    pinned = folder / ".python-version"
    if pinned.is_file():
        first = pinned.read_text(errors="replace").split()[:1]
        if first and re.fullmatch(r"3\.\d+(\.\d+)?", first[0]):
            return f"=={first[0]}.*" if first[0].count(".") == 1 else f"=={first[0]}"
    return str(table(folder).get("requires-python", ""))


def create(job: Job, env: Mapping[str, str]) -> Path:
    """Make `venv` in the artifact, with a Python that the project accepts; return its python."""
    asked = wanted(job.work)
    interpreter = _interpreter(job, asked, env)
    venv = job.folder / "venv"
    command = [*UV, "venv", "--quiet", "--no-project", "--python", interpreter, str(venv)]
    job.run("making a virtual environment", command, job.work, env)
    return venv / "bin" / "python"


def version(python: Path | str) -> str:
    """Return the version of an interpreter, such as `3.12.1`."""
    found = versions.parse(versions.asked([str(python), "--version"]) or "")
    return versions.show(found) if found else "unknown"


def _interpreter(job: Job, asked: str, env: Mapping[str, str]) -> str:
    own = ".".join(str(part) for part in sys.version_info[:3])
    try:
        if not asked or SpecifierSet(asked).contains(own):
            return sys.executable
    except InvalidSpecifier:
        return sys.executable
    finished = processes.run(
        [*UV, "python", "find", "--no-project", asked], cwd=job.folder, env=env, log=job.log
    )
    if finished.code != 0 or not finished.tail:
        raise job.failed(
            f"it asks for Python {asked}; Slipway runs on {own} and no other was found",
            finished.tail,
            hint=f"Install a Python {asked}, or widen requires-python or .python-version.",
        )
    return finished.tail[-1]
