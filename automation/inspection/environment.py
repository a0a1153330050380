"""Finds the environment variables that Python sources read, by their syntax."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from automation.inspection.findings import Reading
from automation.inspection.settings_classes import fields
from automation.inspection.tree import shown, syntax

ENVIRON = frozenset({"os.environ", "environ"})
GETTERS = frozenset({"os.getenv", "getenv", "os.environ.get", "environ.get"})
CONFIGS = frozenset({"Config", "Env", "AutoConfig"})
NAME = re.compile(r"^[A-Z][A-Z0-9_]+$")
BUILT_IN = re.compile(
    r"^(PATH|HOME|USER|SHELL|PWD|TMPDIR|TZ|CI|PORT|HOST|PYTHON.*|LANG|LC_.*|VIRTUAL_ENV)$"
)


def readings(app: Path, sources: Iterable[Path]) -> tuple[Reading, ...]:
    """List the variables that Python sources read, each once, with where and how."""
    found: dict[str, Reading] = {}
    trees = {path: tree for path in sources if (tree := syntax(path)) is not None}
    for path, tree in trees.items():
        for name, line, has_default in _read(tree):
            one = Reading(name=name, source=f"{shown(app, path)}:{line}", has_default=has_default)
            _remember(found, one)
    for path, field in fields(trees):
        one = Reading(
            name=field.name,
            source=f"{shown(app, path)}:{field.line}",
            has_default=field.has_default,
            wants_list=field.wants_list,
        )
        _remember(found, one)
    return tuple(found[name] for name in sorted(found))


def _remember(found: dict[str, Reading], one: Reading) -> None:
    known = found.get(one.name)
    if BUILT_IN.match(one.name):
        return
    if known is None or (known.has_default and not one.has_default):
        found[one.name] = one


def _read(tree: ast.Module) -> Iterator[tuple[str, int, bool]]:
    environ, getters = _names(tree)
    fallbacks = {
        id(node.values[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            key, has_default = node.slice, id(node) in fallbacks
            if ast.unparse(node.value) not in environ:
                continue
        elif isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in getters:
            default = next((one for one in node.keywords if one.arg == "default"), None)
            key = node.args[0]
            has_default = len(node.args) > 1 or default is not None or id(node) in fallbacks
        else:
            continue
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and NAME.match(key.value):
            yield key.value, node.lineno, has_default


def _names(tree: ast.Module) -> tuple[set[str], set[str]]:
    """List the expressions of a module that mean the environment, and the calls that read it."""
    environ, getters = set(ENVIRON), set(GETTERS)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
            if ast.unparse(value) in ENVIRON:
                environ.add(name)
                getters.add(f"{name}.get")
            elif isinstance(value, ast.Call) and ast.unparse(value.func) in CONFIGS:
                getters |= {name, *(f"{name}.{kind}" for kind in ("str", "int", "bool", "list"))}
        elif isinstance(node, ast.ImportFrom) and node.module == "decouple":
            getters |= {one.asname or one.name for one in node.names if one.name == "config"}
        elif isinstance(node, ast.arguments):
            names = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
            pairs = [*zip(names, node.defaults, strict=True),
                     *zip(node.kwonlyargs, node.kw_defaults, strict=True)]  # fmt: skip
            for argument, default in pairs:
                if default is not None and ast.unparse(default) in ENVIRON:
                    environ.add(argument.arg)
                    getters.add(f"{argument.arg}.get")
    return environ, getters
