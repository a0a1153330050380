"""Which version and commit an application is at."""

import json
import subprocess
import tomllib
from pathlib import Path

from automation.reports.happened import CommitFact
from automation.specification.models import Specification

UNKNOWN = "0.0.0"
COMMITS_SHOWN = 50


def version(application: Path, found: Specification) -> str:
    """Return the declared version: the specification's, else a package's, else 0.0.0."""
    if found.version:
        return found.version
    for service in (found.backend, found.frontend):
        if service is not None and (declared := _declared(application / service.path)):
            return declared
    return UNKNOWN


def _declared(folder: Path) -> str | None:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text()).get("project", {})
        if "version" in project:
            return str(project["version"])
    except (OSError, tomllib.TOMLDecodeError):
        pass  # the build says what is wrong with it; a version is only a name
    try:
        declared = json.loads((folder / "package.json").read_text()).get("version")
    except (OSError, ValueError):
        return None
    return str(declared) if declared else None


def commit(application: Path) -> str | None:
    """Return the commit that the application is at, with `-dirty` where files differ from it.

    None where it is in no checkout.
    """
    head = _git(application, "rev-parse", "HEAD")
    if head is None:
        return None
    changes = _git(application, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    return f"{head}-dirty" if changes else head


def commits(application: Path, since: str | None, until: str | None) -> list[CommitFact] | None:
    """List the commits after one release's and up to another's that touch the application.

    None where either is unknown.
    """
    if since is None or until is None:
        return None
    span = f"{since.removesuffix('-dirty')}..{until.removesuffix('-dirty')}"
    text = _git(
        application,
        "log",
        f"--max-count={COMMITS_SHOWN}",
        "--format=%h%x09%an%x09%s",
        span,
        "--",
        ".",
    )
    if text is None:
        return None
    rows = (line.split("\t", 2) for line in text.splitlines())
    return [CommitFact(id=row[0], author=row[1], subject=row[2]) for row in rows]


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
