"""Reads what a resource takes and gives out of the Python SDK that declares it.

Runs once for each type; `shapes` keeps the answer in a file, because importing the SDKs is slow.
"""

import collections.abc
import enum
import importlib
import inspect
import json
import re
import types
import typing
from typing import Any

PACKAGES = {
    "aws": "pulumi_aws",
    "kubernetes": "pulumi_kubernetes",
    "random": "pulumi_random",
    "vercel": "pulumiverse_vercel",
}
# How the documentation of a property says that the real provider replaces.
FORCES = re.compile(
    r"forces? (a )?new resource|forces replacement|forces? terraform to create a? ?new resource"
    r"|forces creation of a new resource|will force a new|creates a new resource",
    re.IGNORECASE,
)
PARAM = re.compile(r":param [^:]*? (\w+): (.*)")
SCALARS: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def shape(package: str, token: str) -> dict[str, Any] | None:
    """Return inputs, outputs, required and secret properties of a type; None if it is unknown."""
    cls = _class(package, token)
    if cls is None:
        return None
    return _Reader(cls).shape()


def _class(package: str, token: str) -> type | None:
    root = importlib.import_module(PACKAGES[package])
    source = inspect.getsource(root)
    for block in re.findall(r'resource_modules="""(.*?)"""', source, re.DOTALL):
        for module in json.loads(block):
            if token in module["classes"]:
                home = importlib.import_module(module["fqn"])
                found: type = getattr(home, module["classes"][token])
                return found
    if token == f"pulumi:providers:{package}":
        provider: type = importlib.import_module(f"{PACKAGES[package]}.provider").Provider
        return provider
    return None


class _Reader:
    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.objects: dict[str, Any] = {}
        self.module = importlib.import_module(cls.__module__)

    def shape(self) -> dict[str, Any]:
        args = next(
            found
            for suffix in ("InitArgs", "Args")
            if (found := getattr(self.module, f"{self.cls.__name__}{suffix}", None))
        )
        text = inspect.getsource(self.cls)
        forced = {
            name
            for name, about in PARAM.findall(args.__init__.__doc__ or "")
            if FORCES.search(about)
        }
        names = _names(args)
        properties, required = self.properties(args)
        found: dict[str, Any] = {
            "inputs": properties,
            "required": required,
            "outputs": {name: self.form(hint) for name, hint in _hints(self.cls).items()},
            "forces": sorted({names[name] for name in forced if name in names}),
            "secrets": _listed(text, "additional_secret_outputs"),
            "objects": self.objects,
        }
        found["forces"] += [each for each in _listed(text, "replace_on_changes") if "[" not in each]
        return found

    def properties(self, cls: type) -> tuple[dict[str, Any], list[str]]:
        names = _names(cls)
        parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
        required = [
            names[each.name]
            for each in parameters
            if each.default is inspect.Parameter.empty and each.name in names
        ]
        return {name: self.form(hint) for name, hint in _hints(cls).items()}, required

    def form(self, hint: Any) -> Any:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return self.union(arguments)
        if origin in (list, collections.abc.Sequence):
            return {"list": self.form(arguments[0]) if arguments else "any"}
        if origin in (dict, collections.abc.Mapping):
            return {"map": self.form(arguments[1]) if len(arguments) == 2 else "any"}
        if hint in SCALARS:
            return SCALARS[hint]
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return {"enum": [each.value for each in hint]}
        if isinstance(hint, type) and getattr(hint, "_pulumi_input_type", False):
            return self.members(hint)
        if isinstance(hint, type) and hint.__module__.startswith("pulumi.asset"):
            return "asset"
        return "any"

    def union(self, arguments: tuple[Any, ...]) -> Any:
        kept: list[Any] = []
        for each in arguments:
            name = getattr(typing.get_origin(each) or each, "__name__", "")
            # What wraps a value, and the dictionary form of a class that is there too.
            if each is type(None) or name in ("Awaitable", "Output") or typing.is_typeddict(each):
                continue
            found = self.form(each)
            if found not in kept:
                kept.append(found)
        if not kept or "any" in kept:
            return "any"
        # An enumeration in a union with a string lets every string through.
        return kept[0] if len(kept) == 1 else {"union": kept}

    def members(self, cls: type) -> Any:
        name = f"{cls.__module__}.{cls.__name__}"
        if name not in self.objects:
            self.objects[name] = None  # types may hold themselves
            properties, required = self.properties(cls)
            self.objects[name] = {"properties": properties, "required": required}
        return {"object": name}


def _names(cls: type) -> dict[str, str]:
    from pulumi._types import _py_properties

    return {python: pulumi for python, pulumi, _ in _py_properties(cls)}


def _hints(cls: type) -> dict[str, Any]:
    from pulumi._types import _raw_return_hints

    return _raw_return_hints(cls)


def _listed(source: str, argument: str) -> list[str]:
    found = re.search(rf"{argument}=\[([^\]]*)\]", source)
    return re.findall(r'"([^"]+)"', found.group(1)) if found else []
