"""Finds the folder that a module is imported from, by what the module itself imports."""

import ast
from pathlib import Path

from automation.inspection.tree import syntax


def module_of(project: Path, file: Path) -> tuple[Path, str]:
    """Return the folder that must be on the import path, and the module's dotted name."""
    candidates = [one for one in file.parents if one == project or project in one.parents]
    allowed = [one for one in candidates if _level(file) < len(file.relative_to(one).parts)]
    best = max(allowed or [project], key=lambda one: _score(one, file, project))
    parts = list(file.relative_to(best).with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return best, ".".join(parts)


def _level(file: Path) -> int:
    """Return how many packages up the module's relative imports reach."""
    tree = syntax(file)
    nodes = ast.walk(tree) if tree is not None else ()
    return max((node.level for node in nodes if isinstance(node, ast.ImportFrom)), default=0)


def _score(root: Path, file: Path, project: Path) -> tuple[int, bool, bool]:
    resolved = sum(_is_module(root, name) for name in _imported(file))
    # Without local imports: the folder above the outermost package, or `src`.
    top = file.parent
    while (top / "__init__.py").is_file() and top != project:
        top = top.parent
    return resolved, root == top and (root.name == "src" or root == project), root == project


def _imported(file: Path) -> set[str]:
    tree = syntax(file)
    found: set[str] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found


def _is_module(root: Path, name: str) -> bool:
    place = root.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()
