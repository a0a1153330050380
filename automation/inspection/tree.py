"""Walks an application's files, and leaves out what is installed, generated or a test."""

import ast
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

SKIPPED = frozenset(
    {
        "node_modules", "__pycache__", "site-packages", "venv", "env", "dist", "build", "out",
        "coverage", "specs", "test", "tests", "__tests__", "e2e", "docs", "target", "vendor",
    }
)  # fmt: skip
LARGEST = 1_000_000
"""Bytes above which a file is taken for generated, and not read."""


def folders(app: Path, depth: int) -> list[Path]:
    """List the application's folders down to a depth, itself first, then the shallow ones."""
    found = [app]
    for parent in found:
        if len(parent.relative_to(app).parts) < depth:
            found += sorted(child for child in parent.iterdir() if child.is_dir() and _kept(child))
    return found


def files(root: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    """Yield the files below a folder whose names end in one of the suffixes, in order."""
    for parent, children, names in os.walk(root):
        children[:] = sorted(one for one in children if _kept(Path(one)))
        for name in sorted(names):
            if name.endswith(tuple(suffixes)):
                yield Path(parent, name)


def python_files(root: Path) -> list[Path]:
    """List the Python sources below a folder that are not tests."""
    return [
        path
        for path in files(root, (".py",))
        if not path.name.startswith("test_") and path.name != "conftest.py"
    ]


def text(path: Path) -> str:
    """Return a file's text, or the empty string where it is missing, huge or no text."""
    try:
        return path.read_text("utf-8") if path.stat().st_size <= LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""


@lru_cache(maxsize=2048)
def _parsed(path: Path, _changed: int) -> ast.Module | None:
    try:
        return ast.parse(text(path))
    except (SyntaxError, ValueError):
        return None


def syntax(path: Path) -> ast.Module | None:
    """Return a Python file's syntax tree, or None where it is no Python."""
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def shown(app: Path, path: Path) -> str:
    """Write a path from the application's root; the root itself is `.`."""
    return Path(os.path.relpath(path, app)).as_posix()


def _kept(folder: Path) -> bool:
    return folder.name not in SKIPPED and not folder.name.startswith(".")
