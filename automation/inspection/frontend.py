"""Finds the frontend: a package with a web framework, up to three levels deep."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from automation.inspection import javascript, nextjs, packages
from automation.inspection.findings import FoundFrontend
from automation.inspection.tree import folders, shown, text

DEPTH = 3
Kind = Literal["nextjs", "node", "static"]

FRAMEWORKS: tuple[tuple[str, Kind, str | None], ...] = (
    ("next", "nextjs", None),
    ("nuxt", "node", None),
    ("@sveltejs/kit", "node", None),
    ("@remix-run/react", "node", None),
    ("@react-router/node", "node", None),
    ("astro", "static", "dist"),
    ("react-scripts", "static", "build"),
    ("gatsby", "static", "public"),
    ("vite", "static", "dist"),
    ("parcel", "static", "dist"),
)
"""Package, kind and usual output folder; the more specific ones first, as many build on vite."""
USUAL_NAMES = ("frontend", "web", "client", "app", "site", "ui", "www", "dashboard")


@dataclass(frozen=True)
class Candidate:
    """A package that could be the frontend."""

    folder: Path
    package: dict[str, Any]
    framework: str
    kind: Kind
    output: str | None


def find(app: Path) -> tuple[FoundFrontend | None, list[str]]:
    """Return the frontend, or None, and what a person must check about it."""
    candidates = [one for folder in folders(app, DEPTH) if (one := _candidate(folder)) is not None]
    if not candidates:
        return None, []
    best = min(candidates, key=lambda one: _rank(app, one))
    others = [shown(app, one.folder) for one in candidates if one is not best]
    checks = (
        [f"the frontend is {shown(app, best.folder)}, not {', '.join(others)}"] if others else []
    )
    return _describe(app, best, checks), checks


def _candidate(folder: Path) -> Candidate | None:
    package = packages.manifest(folder)
    known = packages.dependencies(package)
    for framework, kind, output in FRAMEWORKS:
        if framework in known and "build" in packages.scripts(package):
            return Candidate(folder, package, framework, kind, output)
    return None


def _rank(app: Path, one: Candidate) -> tuple[bool, bool, bool, int, str]:
    inside = one.folder.relative_to(app).parts
    return (
        # A library has neither pages nor a page to start with.
        one.framework == "vite" and not (one.folder / "index.html").is_file(),
        "packages" in inside[:-1] or "examples" in inside,
        bool(inside) and inside[-1] not in USUAL_NAMES,
        len(inside),
        shown(app, one.folder),
    )


def _describe(app: Path, one: Candidate, checks: list[str]) -> FoundFrontend:
    workspace = packages.workspace_of(app, one.folder)
    lock = packages.lockfile(app, one.folder)
    if lock is None:
        checks.append(f"{shown(app, one.folder)} has no lock file, so its builds may differ")
    elif packages.LOCKFILES[lock.name] == "bun":
        checks.append(f"{shown(app, lock)} is bun's: give `install` and `build` commands")
    roots = [one.folder, *(packages.linked(workspace, one.folder) if workspace else [])]
    found: dict[str, Any] = {
        "kind": one.kind,
        "server": "static files" if one.kind == "static" else "its script `start`",
        "output": one.output,
        "health": "/",
        "own_api": False,
    }
    if one.kind == "nextjs":
        found |= nextjs.details(one.folder, checks)
    elif one.kind == "static":
        found["output"] = _output(one)
    elif "start" not in packages.scripts(one.package):
        checks.append(f"{one.framework}: give `frontend.start`, as package.json has none")
    if found["output"] is not None:
        found["output"] = shown(app, one.folder / found["output"])
    return FoundFrontend(
        path=shown(app, one.folder),
        source=shown(app, one.folder / "package.json"),
        framework=one.framework,
        lockfile=None if lock is None else shown(app, lock),
        workspace=None if workspace is None else shown(app, workspace),
        server_paths=javascript.writes_server_paths(roots),
        readings=javascript.readings(app, roots),
        **found,
    )


def _output(one: Candidate) -> str | None:
    for path in sorted(one.folder.glob("*.config.*")):
        source = javascript.without_comments(text(path))
        match = re.search(r"\boutDir\s*:\s*['\"`]([^'\"`$]+)['\"`]", source)
        if match:
            root = re.search(r"\broot\s*:\s*['\"`]([^'\"`$]+)['\"`]", source)
            return Path(root[1] if root else ".", match[1]).as_posix()
    return one.output
