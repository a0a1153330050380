"""Reads which Python packages a project asks for, and how they are locked."""

import re
import tomllib
from pathlib import Path
from typing import Any

from automation.inspection.tree import text

MANIFESTS = ("pyproject.toml", "requirements.txt", "setup.py", "Pipfile", "setup.cfg")
LISTS = ("requirements.txt", "requirements/production.txt", "requirements/prod.txt",
         "requirements/base.txt", "requirements-prod.txt", "requirements.lock")  # fmt: skip


def project_of(app: Path, file: Path) -> Path:
    """Return the nearest folder above a file that declares a Python project."""
    inside = [one for one in file.parents if one == app or app in one.parents]
    for folder in inside:
        if any((folder / name).is_file() for name in (*MANIFESTS, *LISTS)):
            return folder
    # Without a manifest: the folder above the outermost package.
    top = file.parent
    while (top / "__init__.py").is_file() and top != app:
        top = top.parent
    return top


def pyproject(folder: Path) -> dict[str, Any]:
    """Return the content of a pyproject.toml, or an empty mapping."""
    try:
        return tomllib.loads(text(folder / "pyproject.toml"))
    except tomllib.TOMLDecodeError:
        return {}


def requirements_file(folder: Path) -> Path | None:
    """Return the list of requirements for production, or None."""
    return next((folder / name for name in LISTS if (folder / name).is_file()), None)


def lockfile(folder: Path) -> Path | None:
    """Return the lock file of uv, Poetry, PDM or Pipenv, or None."""
    names = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
    return next((folder / name for name in names if (folder / name).is_file()), None)


def dependencies(folder: Path) -> frozenset[str]:
    """Return the names of the packages that a project asks for, normalized, with extras.

    `psycopg[binary]` counts as `psycopg` and as `psycopg[binary]`.
    """
    declared = pyproject(folder)
    lines = [str(one) for one in declared.get("project", {}).get("dependencies", [])]
    lines += declared.get("tool", {}).get("poetry", {}).get("dependencies", {})
    listed = requirements_file(folder)
    lines += text(listed).splitlines() if listed else []
    lines += text(folder / "Pipfile").splitlines()
    found = set()
    for line in lines:
        match = re.match(r"\s*\"?([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?", line)
        if match:
            name = re.sub(r"[-_.]+", "-", match[1]).lower()
            found |= {name, name + (match[2] or "").lower()}
    return frozenset(found)


def python_version(folder: Path) -> str | None:
    """Return the Python version that a project asks for, as it is written."""
    pinned = text(folder / ".python-version").strip()
    required = pyproject(folder).get("project", {}).get("requires-python")
    return pinned or (required if isinstance(required, str) else None)
