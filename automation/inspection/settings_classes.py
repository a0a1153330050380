"""Reads the fields of pydantic-settings classes: each is an environment variable."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BASE = "BaseSettings"
LISTS = ("list", "List", "tuple", "Tuple", "set", "Set", "frozenset", "dict", "Dict", "Sequence")


@dataclass(frozen=True)
class Field:
    """One field. `wants_list`: its type is parsed from JSON."""

    name: str
    line: int
    has_default: bool
    wants_list: bool


def fields(trees: Mapping[Path, ast.Module]) -> Iterator[tuple[Path, Field]]:
    """Yield the fields of all settings classes, of those that inherit from one another too."""
    classes = [
        (path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    settings = {BASE}
    for _ in classes:
        more = {node.name for _, node in classes if settings & {_last(one) for one in node.bases}}
        if more <= settings:
            break
        settings |= more
    for path, node in classes:
        if settings & {_last(one) for one in node.bases}:
            yield from ((path, field) for field in _fields(node))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    prefix = _prefix(node)
    for one in node.body:
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
            continue
        kind = ast.unparse(one.annotation)
        if one.target.id.startswith("_") or one.target.id == "model_config" or "ClassVar" in kind:
            continue
        alias, has_default = _value(one.value)
        wants_list = kind.partition("[")[0].rpartition(".")[2] in LISTS
        name = alias or prefix + one.target.id
        yield Field(name.upper(), one.lineno, has_default, wants_list)


def _value(value: ast.expr | None) -> tuple[str | None, bool]:
    """Return a field's other name, and whether it has a default."""
    if value is None:
        return None, False
    if not isinstance(value, ast.Call) or _last(value.func) != "Field":
        return None, True
    named = {one.arg: one.value for one in value.keywords if one.arg}
    first = value.args[0] if value.args else named.get("default")
    missing = first is None or (isinstance(first, ast.Constant) and first.value is ...)
    alias = next((named[key] for key in ("validation_alias", "alias", "env") if key in named), None)
    if isinstance(alias, ast.Call) and alias.args:
        alias = alias.args[0]
    text = alias.value if isinstance(alias, ast.Constant) else None
    return text if isinstance(text, str) else None, not missing or "default_factory" in named


def _prefix(node: ast.ClassDef) -> str:
    for one in ast.walk(node):
        if isinstance(one, ast.keyword) and one.arg == "env_prefix":
            value: ast.expr = one.value
        elif isinstance(one, ast.Assign) and _last(one.targets[0]) == "env_prefix":
            value = one.value
        else:
            continue
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return ""
