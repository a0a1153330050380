"""Values as the engine sends them, and back: unknowns, secrets, numbers.

A value here is plain Python. What is not known yet is UNKNOWN; which values are secret is kept
beside them, as paths, so that a provider can compute with values and never loses the mark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.protobuf.struct_pb2 import ListValue, Struct, Value

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# sdk/python/lib/pulumi/runtime/rpc.py: one for each kind of value.
UNKNOWNS = {
    UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
PLAIN = re.compile(r"^[A-Za-z_$][\w$-]*$")
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"

Path = tuple[str | int, ...]


def read(struct: Struct) -> tuple[dict[str, Any], set[Path]]:
    """Return the values of a message, and the paths of those that are secret."""
    secrets: set[Path] = set()
    return {key: _read(value, (key,), secrets) for key, value in struct.fields.items()}, secrets


def _read(value: Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
            secrets.add(path)
            return _read(fields["value"], path, secrets)
        return {key: _read(each, (*path, key), secrets) for key, each in fields.items()}
    if kind == "list_value":
        items = enumerate(value.list_value.values)
        return [_read(each, (*path, index), secrets) for index, each in items]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWNS else value.string_value
    return value.bool_value if kind == "bool_value" else None


def write(values: Mapping[str, Any], secrets: Iterable[Path] = ()) -> Struct:
    """Return a message of values; those at the given paths are marked as secret."""
    marked = set(secrets)
    fields = {
        key: _write(value, (key,), marked) for key, value in values.items() if value is not None
    }
    return Struct(fields=fields)


def _write(value: Any, path: Path, secrets: set[Path]) -> Value:
    if path in secrets:
        inner = _write(value, path, secrets - {path})
        fields = {SIGNATURE: Value(string_value=SECRET), "value": inner}
        return Value(struct_value=Struct(fields=fields))
    if value is None:
        return Value(null_value=0)
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int | float):
        return Value(number_value=value)
    if isinstance(value, str):
        return Value(string_value=value)
    if isinstance(value, Mapping):
        fields = {str(key): _write(each, (*path, key), secrets) for key, each in value.items()}
        return Value(struct_value=Struct(fields=fields))
    values = [_write(each, (*path, index), secrets) for index, each in enumerate(value)]
    return Value(list_value=ListValue(values=values))


def unknown(value: Any) -> bool:
    """Tell whether a value, or anything in it, is not known yet."""
    return any(leaf == UNKNOWN for _, leaf in leaves(value))


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of everything in a value that holds nothing itself."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    else:
        yield path, value


def dotted(path: Path) -> str:
    """Write a path as the engine does: `spec.ports[0].port`, `labels["example.org/name"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif PLAIN.match(step):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text


def at(value: Any, path: str) -> Any:
    """Return what lies at a dotted path; None where nothing does."""
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value
