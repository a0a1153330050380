"""References: what stands for a value that only a cloud, or an operator, knows. Pure."""

import inspect
import types
import typing
from collections.abc import Mapping
from typing import Any

LISTED = 3
"""Elements of a list that only a cloud knows: one for each zone."""
DEPTH = 3
NUMBERS: Mapping[str, int] = {"port": 5432}
"""What has to be a number where it is used, by its property."""


def reference(name: str, path: str) -> str:
    """Return what stands for a property of a resource, a lookup, or of `secret`."""
    return f"{{{{{name}:{path}}}}}"


def stand_in(name: str, path: str, hint: Any, depth: int = 0) -> Any:
    """Return what stands for a property of a type: references where the type has texts."""
    hint = _plain(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, typing.Sequence) or (origin and "Sequence" in str(origin)):
        inner = arguments[0] if arguments else str
        return [stand_in(name, f"{path}[{n}]", inner, depth) for n in range(LISTED)]
    if origin is dict or "Mapping" in str(origin):
        return {}
    if hint is bool:
        return False
    if hint in (int, float):
        return NUMBERS.get(path.rpartition(".")[2], 1)
    if inspect.isclass(hint) and getattr(hint, "_pulumi_output_type", False):
        return members(name, path, hint, depth + 1)
    return reference(name, path)


def members(name: str, path: str, cls: type, depth: int) -> dict[str, Any]:
    """Return what stands for an object of an output type."""
    if depth > DEPTH:
        return {}
    return {
        key: stand_in(name, f"{path}.{key}".lstrip("."), hint, depth)
        for key, hint in fields(cls).items()
    }


def fields(cls: type) -> dict[str, Any]:
    """Return the properties of an SDK's class by the names that its provider knows them by."""
    from pulumi import _types

    found: dict[str, Any] = _types._types_from_py_properties(cls)
    return found


def _plain(hint: Any) -> Any:
    """Return what an optional or an output is of."""
    while typing.get_origin(hint) in (typing.Union, types.UnionType) or "Output" in str(
        typing.get_origin(hint)
    ):
        kept = [each for each in typing.get_args(hint) if each is not type(None)]
        hint = kept[0]
    return hint
