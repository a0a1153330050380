"""npm, pnpm or yarn, whichever a project's lock file is of, and what to ask of it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation import processes
from automation.builds.job import Job
from automation.toolchain import cache
from automation.toolchain.node import NodeTools

DEFAULTS: Mapping[str, str] = {"npm": "of node", "pnpm": "10", "yarn": "1", "berry": "4"}
"""Versions for projects whose package.json names none in `packageManager`."""
DISTRIBUTIONS: Mapping[str, str] = {"pnpm": "pnpm", "yarn": "yarn", "berry": "@yarnpkg/cli-dist"}
INSTALLS: Mapping[str, tuple[str, ...]] = {
    "npm": ("npm", "ci", "--include=dev", "--no-audit", "--no-fund"),
    "pnpm": ("pnpm", "install", "--frozen-lockfile", "--prod=false"),
    "yarn": ("yarn", "install", "--frozen-lockfile", "--production=false", "--non-interactive"),
    "berry": ("yarn", "install", "--immutable"),
}
LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock")
UNLOCKED = ("npm", "install", "--include=dev", "--no-audit", "--no-fund", "--no-package-lock")


@dataclass(frozen=True)
class PackageManager:
    """A package manager, its version where the project names one, and whether a lock exists."""

    name: str
    version: str | None
    locked: bool

    @property
    def command(self) -> str:
        """Name of its executable."""
        return "yarn" if self.name == "berry" else self.name

    @property
    def install(self) -> tuple[str, ...]:
        """Command that installs exactly what the lock file names, development tools included."""
        return INSTALLS[self.name] if self.locked else UNLOCKED


def manifest(folder: Path) -> dict[str, Any]:
    """Return a folder's `package.json`; empty where there is none or it cannot be read."""
    try:
        content = json.loads((folder / "package.json").read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def scripts(package: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scripts of a `package.json`; empty where it has none."""
    declared = package.get("scripts")
    return declared if isinstance(declared, dict) else {}


def choose(root: Path) -> PackageManager:
    """Return the package manager that a project's lock file asks for, or npm without a lock."""
    named = str(manifest(root).get("packageManager", ""))
    found = re.match(r"(npm|pnpm|yarn)@(\d+(?:\.\d+){0,2}[^+]*)", named)
    version = found.group(2) if found else None
    if (root / "pnpm-lock.yaml").is_file():
        return PackageManager("pnpm", version if found and found.group(1) == "pnpm" else None, True)
    if (root / "yarn.lock").is_file():
        berry = "__metadata:" in (root / "yarn.lock").read_text(errors="replace")[:2000]
        named_yarn = version if found and found.group(1) == "yarn" else None
        return PackageManager("berry" if berry else "yarn", named_yarn, True)
    return PackageManager("npm", None, any((root / lock).is_file() for lock in LOCKS))


def workspace(app: Path, path: Path) -> Path:
    """Return the root of the workspace that a package without a lock file of its own is in."""
    if any((path / lock).is_file() for lock in LOCKS):
        return path
    for candidate in path.parents:
        if not candidate.is_relative_to(app):
            break
        if (candidate / "pnpm-workspace.yaml").is_file() or "workspaces" in manifest(candidate):
            return candidate
    return path


def provide(manager: PackageManager, node: NodeTools, job: Job, env: Mapping[str, str]) -> Path:
    """Return the folder with the manager's executable; fetched once into the cache of tools."""
    if manager.name == "npm":
        return node.bin
    version = manager.version or DEFAULTS[manager.name]
    folder = cache.root() / "node" / f"{manager.name}-{version}"
    executables = folder / "node_modules" / ".bin"
    if (executables / manager.command).exists():
        return executables
    with (
        cache.locked(folder.with_suffix(".lock"), job.progress, f"it fetches {manager.command}"),
        cache.made_whole(folder) as new,
    ):
        package = f"{DISTRIBUTIONS[manager.name]}@{version}"
        fetch = [str(node.npm), "install", "--no-audit", "--no-fund", "--prefix", str(new), package]
        job.run(f"fetching {package}", fetch, new, env)
    return executables


def environment(node: NodeTools, work: Path, root: Path, tools: Path) -> dict[str, str]:
    """Return the environment of a build's commands: tools first on PATH, no telemetry."""
    plain = processes.environment()
    first = [tools, work / "node_modules" / ".bin", root / "node_modules" / ".bin", node.bin]
    return {
        **plain,
        "PATH": ":".join([*(str(folder) for folder in first), plain.get("PATH", "")]),
        "CI": "1",
        "NEXT_TELEMETRY_DISABLED": "1",
        "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
        "YARN_ENABLE_TELEMETRY": "0",
        "YARN_NODE_LINKER": "node-modules",
    }
