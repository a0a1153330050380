"""Finds the ASGI application in Python sources, by their syntax; nothing is imported."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.inspection.tree import syntax

MAKERS = frozenset(
    {"FastAPI", "Starlette", "Litestar", "Quart", "Application", "get_asgi_application", "Sanic"}
)
PACKAGES = ("fastapi", "starlette", "litestar", "quart", "blacksheep", "django", "sanic")
USUAL_MODULES = ("main", "app", "asgi", "server", "application", "api")
USUAL_FACTORIES = ("create_app", "make_app", "get_app", "build_app", "create_application")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Application:
    """An ASGI application, or a function that makes one, in a file."""

    file: Path
    attribute: str
    line: int
    factory: bool


def find(sources: Sequence[Path]) -> list[Application]:
    """List the ASGI applications, the likeliest first."""
    found: list[Application] = []
    trees = [(path, tree) for path in sources if (tree := syntax(path)) is not None]
    factories = {one.attribute for path, tree in trees for one in _factories(path, tree)}
    for path, tree in trees:
        found += _assigned(path, tree, _makers(tree) | factories)
        # A function with required arguments cannot be called by a server.
        found += [one for one in _factories(path, tree) if not _needs_arguments(tree, one)]
    return sorted(found, key=_rank)


def _rank(one: Application) -> tuple[bool, bool, bool, int, str]:
    usual = USUAL_FACTORIES if one.factory else ("app", "application", "api", "asgi")
    return (
        one.factory,
        one.attribute not in usual,
        one.file.stem not in USUAL_MODULES and one.file.name != "__init__.py",
        len(one.file.parts),
        str(one.file),
    )


def _makers(tree: ast.Module) -> frozenset[str]:
    """List the names that mean an ASGI class in a module: `FastAPI`, or what it is imported as."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            found |= {one.asname or one.name for one in node.names if one.name in MAKERS}
        elif isinstance(node, ast.Import):
            modules = [one for one in node.names if one.name.split(".")[0] in PACKAGES]
            found |= {f"{one.asname or one.name}.{maker}" for one in modules for maker in MAKERS}
    return frozenset(found)


def _makes(node: ast.expr | None, makers: frozenset[str]) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in makers


def _assigned(path: Path, tree: ast.Module, makers: frozenset[str]) -> list[Application]:
    return [
        Application(path, target.id, line, factory=False)
        for target, value, line in _assignments(tree.body)
        if _makes(value, makers)
    ]


def _assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.Name, ast.expr, int]]:
    """Yield the assignments of a body and of the blocks in it, but not of its functions."""
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target, node.value, node.lineno
        elif isinstance(node, ast.AnnAssign):
            if isinstance(node.target, ast.Name) and node.value is not None:
                yield node.target, node.value, node.lineno
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _assignments(node.body)
            yield from _assignments(getattr(node, "orelse", []))


def _factories(path: Path, tree: ast.Module) -> list[Application]:
    makers = _makers(tree)
    return [
        Application(path, node.name, node.lineno, factory=True)
        for node in tree.body
        if isinstance(node, Function) and _returns(node, makers)
    ]


def _returns(function: Function, makers: frozenset[str]) -> bool:
    made = {target.id for target, value, _ in _assignments(function.body) if _makes(value, makers)}
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return any(
        _makes(value, makers) or (isinstance(value, ast.Name) and value.id in made)
        for value in returned
    )


def _needs_arguments(tree: ast.Module, one: Application) -> bool:
    for node in tree.body:
        if isinstance(node, Function) and node.name == one.attribute:
            count = len(node.args.posonlyargs) + len(node.args.args) - len(node.args.defaults)
            return count > 0 or None in node.args.kw_defaults
    return True
