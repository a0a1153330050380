"""Which files of an application go into a build, and copying them."""

import contextlib
import errno
import fnmatch
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from automation.errors import BuildFailed

DISK_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)
LEFT_OUT = frozenset(
    """node_modules .git .hg .venv venv __pycache__ .next .nuxt .turbo .vercel .svelte-kit dist
    .cache .parcel-cache .pytest_cache .mypy_cache .ruff_cache .tox .slipway .DS_Store""".split()  # noqa: SIM905
)
"""Folders that no build starts from, where no version control says what does."""


def is_environment_file(path: PurePosixPath) -> bool:
    """Tell whether a file may hold credentials: `.env` and everything called `.env.*`."""
    return path.name == ".env" or path.name.startswith(".env.")


def listed(root: Path, exclude: Sequence[str] = ()) -> list[PurePosixPath]:
    """List the files of a folder that matter, relative to it, in a fixed order.

    In a git checkout: what git tracks, and what is new and not ignored. `exclude` holds shell
    patterns for paths or for folders on the way to them.
    """
    found = _from_git(root)
    names = found if found else _walked(root)
    return sorted(
        path for path in names if not is_environment_file(path) and not _matches(path, exclude)
    )


def environment_files(root: Path) -> list[PurePosixPath]:
    """List the environment files that are left out, relative to the folder."""
    return sorted(path for path in _walked(root) if is_environment_file(path))


def copy(root: Path, files: Iterable[PurePosixPath], to: Path) -> None:
    """Copy files with their modes and times; links stay links."""
    made: set[Path] = set()
    for file in files:
        source, target = root / file, to / file
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        shutil.copy2(source, target, follow_symlinks=False)


@contextlib.contextmanager
def readable(what: str) -> Iterator[None]:
    """Raise BuildFailed for a file of the application that cannot be read."""
    try:
        yield
    except OSError as problem:
        if problem.errno in DISK_FULL_ERRNOS:
            raise
        raise BuildFailed(
            f"{what}: {problem.filename} cannot be read: {problem.strerror}",
            hint="Let whoever deploys read it, or name it under `exclude`; nothing was changed.",
        ) from problem


def _from_git(root: Path) -> list[PurePosixPath] | None:
    command = ["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard", "--", "."]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        return None
    names = {PurePosixPath(os.fsdecode(name)) for name in answer.stdout.split(b"\0") if name}
    files: list[PurePosixPath] = []
    for name in names:
        path = root / name
        if path.is_dir() and not path.is_symlink():
            # A submodule or a nested repository: git names only its folder.
            files += [name / inner for inner in _walked(path)]
        elif _has_content(path):
            files.append(name)
    return files


def _walked(root: Path) -> Iterator[PurePosixPath]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        relative = PurePosixPath(Path(folder).relative_to(root).as_posix())
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*names, *links):
            if name not in LEFT_OUT and _has_content(Path(folder) / name):
                yield relative / name


def _has_content(path: Path) -> bool:
    """Tell whether there is a file or a link; reading a pipe or a device may wait for ever."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):  # git lists it still, or it has just gone
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _matches(path: PurePosixPath, patterns: Sequence[str]) -> bool:
    ways = [path, *path.parents][:-1]
    return any(
        fnmatch.fnmatch(str(way), pattern.rstrip("/")) for way in ways for pattern in patterns
    )
