"""Reads package.json, lock files and workspaces."""

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from automation.inspection.tree import shown, text

LOCKFILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}


def manifest(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's package.json, or an empty mapping."""
    try:
        content = json.loads(text(folder / "package.json") or "{}")
    except json.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def dependencies(package: dict[str, Any]) -> dict[str, str]:
    """Return all dependencies of a package, those for development too."""
    found: dict[str, str] = {}
    for key in ("peerDependencies", "devDependencies", "dependencies"):
        section = package.get(key)
        found |= section if isinstance(section, dict) else {}
    return found


def scripts(package: dict[str, Any]) -> dict[str, str]:
    """Return the scripts of a package."""
    section = package.get("scripts")
    return section if isinstance(section, dict) else {}


def workspace_of(app: Path, folder: Path) -> Path | None:
    """Return the root of the monorepo that a folder is a member of, or None."""
    for root in folder.parents:
        if not root.is_relative_to(app):
            break
        if _matches(members(root), shown(root, folder)):
            return root
    return None


def members(root: Path) -> list[str]:
    """List the patterns of a workspace's members, as pnpm, npm or yarn declare them."""
    try:
        declared = yaml.safe_load(text(root / "pnpm-workspace.yaml")) or {}
    except yaml.YAMLError:
        declared = {}
    found = declared.get("packages") if isinstance(declared, dict) else None
    if not found:
        found = manifest(root).get("workspaces")
        if isinstance(found, dict):
            found = found.get("packages")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _matches(patterns: list[str], path: str) -> bool:
    refused = [one[1:] for one in patterns if one.startswith("!")]
    wanted = [one for one in patterns if not one.startswith("!")]
    return any(_match(path, one) for one in wanted) and not any(
        _match(path, one) for one in refused
    )


def _match(path: str, pattern: str) -> bool:
    plain = pattern.removeprefix("./").rstrip("/")
    # fnmatch lets `*` cross folders; a workspace's pattern only does with `**`.
    return fnmatch(path, plain) and ("**" in plain or path.count("/") == plain.count("/"))


def linked(workspace: Path, folder: Path) -> list[Path]:
    """List the folders of the workspace's packages that a package depends on, near or far."""
    by_name = {
        str(manifest(one.parent).get("name")): one.parent
        for pattern in members(workspace)
        if not pattern.startswith("!")
        for one in sorted(workspace.glob(f"{pattern.removeprefix('./').rstrip('/')}/package.json"))
        if "node_modules" not in one.parts
    }
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        for name in dependencies(manifest(waiting.pop())):
            one = by_name.get(name)
            if one is not None and one != folder and one not in found:
                found.append(one)
                waiting.append(one)
    return found


def lockfile(app: Path, folder: Path) -> Path | None:
    """Return the lock file that covers a folder: its own, or that of a folder above."""
    for parent in (folder, *folder.parents):
        if not parent.is_relative_to(app):
            return None
        for name in LOCKFILES:
            if (parent / name).is_file():
                return parent / name
    return None
