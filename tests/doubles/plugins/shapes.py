"""What every type takes and gives, as the Python SDKs declare it, and who breaks that.

Shapes are kept in a folder of the user's cache, one file for each type and version of the SDK.
"""

import hashlib
import importlib.metadata
import json
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.doubles.plugins.values import UNKNOWN, dotted
from tests.doubles.plugins.values import Path as Trail

DISTRIBUTIONS = {
    "aws": "pulumi-aws",
    "kubernetes": "pulumi-kubernetes",
    "random": "pulumi-random",
    "vercel": "pulumiverse-vercel",
}
READER = Path(__file__).with_name("introspect.py")
_importing = threading.Lock()

Problem = tuple[str, str]
"""Where, and what is wrong there."""


@cache
def version(package: str) -> str:
    """Return the version of the installed SDK, which is the one that the engine asks for."""
    return importlib.metadata.version(DISTRIBUTIONS[package])


@cache
def shape(package: str, token: str) -> dict[str, Any] | None:
    """Return the shape of a type; None where the SDK has no such type."""
    file = _folder(package) / f"{token.replace('/', '+').replace(':', '=')}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        fresh.write_text(json.dumps(_introspect(package, token)))
        fresh.replace(file)
    found: dict[str, Any] | None = json.loads(file.read_text())
    return found


def _folder(package: str) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    made_by = hashlib.sha256(READER.read_bytes()).hexdigest()[:8]
    return home / "slipway-test-doubles" / f"{package}-{version(package)}-{made_by}"


def _introspect(package: str, token: str) -> dict[str, Any] | None:
    with _importing:
        # The server made do with empty packages, to start quickly.
        for name in ("pulumi", "pulumi.runtime"):
            if name in sys.modules and not getattr(sys.modules[name], "__file__", None):
                del sys.modules[name]
        from tests.doubles.plugins import introspect

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what the SDKs say about themselves
            return introspect.shape(package, token)


def problems(form: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is unknown, missing or of another type in the inputs of a resource."""
    checker = _Checker(form["objects"])
    whole = {"properties": form["inputs"], "required": form["required"]}
    yield from checker.members(whole, values, ())


class _Checker:
    def __init__(self, objects: Mapping[str, Any]) -> None:
        self.objects = objects

    def members(self, form: Any, values: Mapping[str, Any], path: Trail) -> Iterator[Problem]:
        known = form["properties"]
        for name, value in values.items():
            if name in known:
                yield from self.value(known[name], value, (*path, name))
            else:
                yield dotted((*path, name)), f"unknown property; known are {', '.join(known)}"
        for name in form["required"]:
            if values.get(name) is None:
                yield dotted((*path, name)), "missing required property"

    def value(self, form: Any, value: Any, path: Trail) -> Iterator[Problem]:
        if value is None or value == UNKNOWN or form in ("any", "asset"):
            return
        if isinstance(form, str):
            if not _is(form, value):
                yield dotted(path), f"expected a {form}, got {_kind(value)}"
        elif "enum" in form:
            if value not in form["enum"]:
                yield dotted(path), f"expected one of {form['enum']}"
        elif "union" in form:
            yield from self.union(form["union"], value, path)
        elif "list" in form:
            if not isinstance(value, list):
                yield dotted(path), f"expected a list, got {_kind(value)}"
                return
            for index, each in enumerate(value):
                yield from self.value(form["list"], each, (*path, index))
        elif not isinstance(value, Mapping):
            yield dotted(path), f"expected an object, got {_kind(value)}"
        elif "map" in form:
            for key, each in value.items():
                yield from self.value(form["map"], each, (*path, key))
        else:
            yield from self.members(self.objects[form["object"]], value, path)

    def union(self, forms: list[Any], value: Any, path: Trail) -> Iterator[Problem]:
        found = [list(self.value(form, value, path)) for form in forms]
        if all(found):
            # The complaints of the member that came closest.
            yield from min(found, key=len)


def _is(form: str, value: Any) -> bool:
    if form == "string":
        return isinstance(value, str)
    if form == "boolean":
        return isinstance(value, bool)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (form == "number" or isinstance(value, int))


def _kind(value: Any) -> str:
    kinds = {str: "a string", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "an object")
