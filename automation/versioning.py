"""Which version and commit an application is at."""

import subprocess
from pathlib import Path, PurePosixPath

from automation.builds import packages, python
from automation.reports.happened import CommitFact
from automation.specification.models import Specification
from automation.specification.names import VERSION
from automation.specification.problems import Problem

UNKNOWN = "0.0.0"
COMMITS_SHOWN = 50
FIELDS = 3
"""Of a commit that is shown: id, author, subject."""


def version(application: Path, found: Specification) -> str:
    """Return the declared version: the specification's, else a package's, else 0.0.0."""
    return found.version or _declared(application, found)[1]


def problems(application: Path, found: Specification) -> list[Problem]:
    """Say what is wrong with a version that the specification leaves to a package."""
    file, declared = _declared(application, found)
    try:
        VERSION(found.version or declared)
    except ValueError as error:
        right = "or declare `version` in the specification"
        return [Problem(file, "version", str(error), right)]
    return []


def _declared(application: Path, found: Specification) -> tuple[str, str]:
    # The build says what is wrong with either file; a version is only a name.
    for service in filter(None, (found.backend, found.frontend)):
        folder = application / service.path
        for file, content in (
            ("pyproject.toml", python.table(folder)),
            ("package.json", packages.manifest(folder)),
        ):
            if declared := content.get("version"):
                return (PurePosixPath(service.path) / file).as_posix(), str(declared)
    return "", UNKNOWN


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
    # Git ends a line with a line feed only; a subject may hold what Python counts as an end too.
    rows = (line.split("\t", 2) for line in text.split("\n"))
    return [
        CommitFact(id=row[0], author=row[1], subject=row[2]) for row in rows if len(row) == FIELDS
    ]


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    # Git keeps the bytes that it was given: an author's name may be in any encoding.
    return done.stdout.decode(errors="replace").strip("\n")
