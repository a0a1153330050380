"""How one type is forwarded: the calls of boto3 for each of its changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.plugins.cloud import Object


@dataclass(frozen=True)
class Calling:
    """What is made, and what the emulator has answered so far."""

    inputs: Mapping[str, Any]
    thing: Object
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def first(self) -> dict[str, Any]:
        """Return the answer to the first call."""
        return self.answers[0]

    def get(self, name: str, default: Any = None) -> Any:
        """Return an input."""
        value = self.inputs.get(name)
        return default if value is None else value


@dataclass(frozen=True)
class Call:
    """An operation of a service, by boto3's names."""

    service: str
    operation: str
    parameters: Callable[[Calling], Mapping[str, Any]]


@dataclass(frozen=True)
class Forwarded:
    """The calls for each change. `made` returns id (empty: as it was) and computed outputs."""

    create: tuple[Call, ...]
    delete: tuple[Call, ...] = ()
    update: tuple[Call, ...] = ()
    before: tuple[Call, ...] = ()
    read: Call | None = None
    made: Callable[[Calling], tuple[str, Mapping[str, Any]]] = lambda calling: ("", {})
    there: Callable[[Mapping[str, Any], Object], bool] = lambda answer, thing: True


def pascal(value: Any, names: Mapping[str, str]) -> Any:
    """Write Pulumi's names as the API does; `names` has those that differ."""
    if isinstance(value, Mapping):
        return {
            names.get(key, key[0].upper() + key[1:]): pascal(each, names)
            for key, each in value.items()
            if each is not None
        }
    return [pascal(each, names) for each in value] if isinstance(value, list) else value


def tags(calling: Calling) -> list[dict[str, str]]:
    tags = calling.thing.outputs.get("tagsAll") or calling.get("tags", {})
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def id_as(name: str) -> Callable[[Calling], dict[str, Any]]:
    return lambda calling: {name: calling.thing.id}
