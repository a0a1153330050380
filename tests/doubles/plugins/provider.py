"""What all the doubles' providers share: a table of kinds, and how an object of a kind lives."""

import hashlib
import json
import os
import secrets as randomness
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from tests.doubles.plugins.cloud import Cloud, Object
from tests.doubles.plugins.comparison import Change
from tests.doubles.plugins.shapes import Problem, problems, shape
from tests.doubles.plugins.values import UNKNOWN

DEFAULTED = "__defaults"
"""Where the real bridged providers note which inputs were not the program's."""


class Refused(Exception):
    """The cloud says no; nothing was changed."""


@dataclass(frozen=True)
class Making:
    """An object about to be made, or changed: `old` is what there is already."""

    provider: "Provider"
    type: str
    name: str
    inputs: Mapping[str, Any]
    old: Object | None = None

    def get(self, name: str, default: Any = None) -> Any:
        """Return an input."""
        value = self.inputs.get(name)
        return default if value is None else value


Computed = Callable[[Making, str], Mapping[str, Any]]
"""Outputs, from what is made and its id."""


@dataclass(frozen=True)
class Kind:
    """What is particular to a type; paths are dotted and without indices."""

    forces: frozenset[str] = frozenset()
    """Changes here replace."""
    autoname: str = ""
    limit: int = 128
    """How long a name may be."""
    unique: tuple[str, ...] = ()
    """Inputs that no two objects share."""
    id: Callable[[Making], str] = lambda making: f"{randomness.token_hex(8)}"
    outputs: Computed = lambda making, id_: {}
    fresh: tuple[str, ...] = ()
    """Outputs that every update computes anew."""
    nested: tuple[str, ...] = ()
    """Outputs inside of an input, dotted: unknown before the creation."""
    secrets: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    """Types whose objects keep this one from being deleted while they refer to it."""
    check: Callable[[Mapping[str, Any]], Iterable[Problem]] = lambda inputs: ()
    before: Callable[[Making], None] = lambda making: None
    """Raises Refused where the cloud would."""
    after: Callable[[Making, Object], None] = lambda making, made: None
    """What else a creation or an update changes."""
    release: Callable[["Provider", Object], None] = lambda provider, gone: None
    """What else a deletion changes, or why it is refused."""


def forcing(*names: str) -> frozenset[str]:
    """Name what replaces."""
    return frozenset(names)


@dataclass
class Provider:
    """One configured provider. Subclasses have the kinds, the lookups, and the surroundings."""

    cloud: Cloud
    config: Mapping[str, Any] = field(default_factory=dict)

    package: ClassVar[str] = ""
    kinds: ClassVar[Mapping[str, Kind]] = {}
    named_by: ClassVar[tuple[str, ...]] = ()
    """What replaces objects of the types that the table does not have."""
    unordered: ClassVar[bool] = True
    """Whether lists of plain values are sets."""

    def kind(self, token: str) -> Kind:
        """Return what is particular to a type: from the table, or the ordinary."""
        if token in self.kinds:
            return self.kinds[token]
        said = (shape(self.package, token) or {}).get("forces", ())
        return replace(self.ordinary(token), forces=frozenset((*said, *self.named_by)))

    def ordinary(self, token: str) -> Kind:
        """Return what is true of a type that the table does not have."""
        return Kind()

    def forces(
        self, token: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> frozenset[str]:
        """Return the paths whose change from these outputs to these inputs replaces."""
        return self.kind(token).forces

    def scope(self, inputs: Mapping[str, Any]) -> str:
        """Return what must differ for two objects to have the same id."""
        return ""

    def configure(self) -> None:
        """Raise Refused where the real provider could not work with its configuration."""

    def replaces_itself(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Return the configuration whose change replaces the provider, and all it made."""
        return []

    def check(
        self, token: str, name: str, inputs: dict[str, Any], olds: Mapping[str, Any], seed: bytes
    ) -> tuple[dict[str, Any], list[Problem]]:
        """Return inputs with a name, and what is wrong with them."""
        form = shape(self.package, token)
        if form is None:
            return inputs, [("", f"the SDK of {self.package} has no type {token}")]
        kind = self.kind(token)
        found = [*problems(form, inputs)]
        if not found:
            found = [*kind.check(inputs)]
        named = self.named(kind, name, inputs, olds, seed)
        given = named.get(kind.autoname) if kind.autoname else None
        if isinstance(given, str) and given != UNKNOWN and len(given) > kind.limit:
            found.append((kind.autoname, f"{given!r} is longer than {kind.limit} characters"))
        return named, found

    def named(
        self,
        kind: Kind,
        name: str,
        inputs: dict[str, Any],
        olds: Mapping[str, Any],
        seed: bytes,
    ) -> dict[str, Any]:
        """Return inputs with the name that the provider chooses where the program does not."""
        property_ = kind.autoname
        if not property_ or inputs.get(property_) or inputs.get(f"{property_}Prefix"):
            return {**inputs, DEFAULTED: []}
        kept = olds.get(property_) if property_ in olds.get(DEFAULTED, ()) else None
        chosen = kept or f"{name[: kind.limit - 8]}-{digest(seed)[:7]}"
        return {**inputs, property_: chosen, DEFAULTED: [property_]}

    def differs(
        self, token: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> Iterator[Change]:
        """Yield what differs although no input does."""
        yield from ()

    def deletes_first(self, token: str, changes: Iterable[Change], news: Mapping[str, Any]) -> bool:
        """Tell whether a replacement would meet its own predecessor's name."""
        name = self.kind(token).autoname
        if not name or not news.get(name) or name in news.get(DEFAULTED, ()):
            return False
        return all(str(change.path[0]) != name for change in changes)

    def foresee(self, making: Making) -> dict[str, Any]:
        """Return the outputs of a creation as far as they are known before it."""
        form = shape(self.package, making.type) or {"outputs": {}}
        computed = dict.fromkeys(form["outputs"], UNKNOWN)
        known = {k: v for k, v in making.inputs.items() if v is not None}
        for path in self.kind(making.type).nested:
            outer, _, inner = path.partition(".")
            if isinstance(known.get(outer), Mapping):
                known[outer] = {inner: UNKNOWN, **known[outer]}
        return {**computed, **known, **self.always(making)}

    def always(self, making: Making) -> dict[str, Any]:
        """Return the outputs that are known even in a preview."""
        return {}

    def create(self, making: Making, urn: str) -> Object:
        """Return what was made; it is not kept yet."""
        kind = self.kind(making.type)
        self._unique(kind, making)
        self.refer(making)
        kind.before(making)
        made = Object(
            provider=self.package,
            type=making.type,
            id=kind.id(making),
            scope=self.scope(making.inputs),
            name=making.name,
            urn=urn,
            inputs=dict(making.inputs),
        )
        if self.cloud.get(made.provider, made.type, made.id, made.scope):
            raise Refused(f"AlreadyExists: {making.type} {made.id} exists")
        return replace(made, outputs=self.outputs(kind, making, made.id))

    def outputs(self, kind: Kind, making: Making, id_: str) -> dict[str, Any]:
        """Return all outputs of an object."""
        known = {k: v for k, v in making.inputs.items() if v is not None}
        computed = merged(known, {**self.always(making), **self.plain(making, id_)})
        computed = merged(computed, kind.outputs(making, id_))
        return merged(computed, self.cloud.answers(making.type, making.name))

    def plain(self, making: Making, id_: str) -> Mapping[str, Any]:
        """Return what every type of this provider computes."""
        return {}

    def update(self, making: Making) -> Object:
        """Return what is there after a change; it is not kept yet."""
        assert making.old
        kind = self.kind(making.type)
        self.refer(making)
        kind.before(making)
        kept = {k: v for k, v in making.old.outputs.items() if k not in making.old.inputs}
        computed = kind.outputs(making, making.old.id)
        fresh = {key: computed[key] for key in kind.fresh if key in computed}
        outputs = {**kept, **self.always(making), **completed(making.inputs, making.old)}
        outputs |= fresh
        outputs |= self.cloud.answers(making.type, making.name)
        return replace(making.old, inputs=dict(making.inputs), outputs=outputs)

    def delete(self, gone: Object) -> None:
        """Raise Refused while something else needs this object; see `Kind.blocks`."""
        kind = self.kind(gone.type)
        if kind.blocks:
            # Only what IAM has is referred to by a name that something else may have too.
            name = gone.outputs.get("name") if gone.type.startswith("aws:iam/") else None
            sought = {gone.id, gone.outputs.get("arn"), name} - {None, ""}
            for other in self.cloud.objects(provider=self.package):
                if (
                    other.id != gone.id
                    and other.type in kind.blocks
                    and sought & set(strings(other.inputs))
                ):
                    raise Refused(
                        f"DependencyViolation: {gone.type} {gone.id} is in use by "
                        f"{other.type} {other.id}"
                    )
        kind.release(self, gone)

    def has(self, thing: Object) -> bool:
        """Tell whether what is known to exist does so where it was forwarded to as well."""
        return True

    def refer(self, making: Making) -> None:
        """Raise Refused where the inputs name something that does not exist."""

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a lookup."""
        raise Refused(f"the double of {self.package} does not know the function {token}")

    def _unique(self, kind: Kind, making: Making) -> None:
        if not kind.unique:
            return
        key = [making.get(name) for name in kind.unique]
        if all(each is None for each in key):
            return
        scope = self.scope(making.inputs)
        for other in self.cloud.objects(making.type):
            if other.scope == scope and [other.inputs.get(n) for n in kind.unique] == key:
                named = ", ".join(f"{n} {v}" for n, v in zip(kind.unique, key, strict=True))
                raise Refused(f"AlreadyExistsException: {making.type} with {named} exists")


def digest(seed: bytes) -> str:
    """Return characters for a name that follow from the engine's seed where it gives one."""
    return hashlib.sha256(seed or os.urandom(16)).hexdigest()


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return two objects as one, down to the bottom; the second one's values win."""
    found = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both else value
    return found


def completed(inputs: Mapping[str, Any], old: Object) -> dict[str, Any]:
    """Return inputs with what the cloud added inside of those before them."""
    found = {k: v for k, v in inputs.items() if v is not None}
    for key, value in found.items():
        added = computed_within(old, key)
        if isinstance(value, dict) and isinstance(added, dict):
            found[key] = merged(added, value)
    return found


def computed_within(old: Object, key: str) -> Any:
    """Return what the cloud added inside an input."""
    return _without(old.outputs.get(key), old.inputs.get(key))


def _without(value: Any, given: Any) -> Any:
    if not isinstance(value, Mapping) or not isinstance(given, Mapping):
        return value
    return {
        k: _without(v, given[k]) if k in given else v
        for k, v in value.items()
        if k not in given or isinstance(v, Mapping)
    }


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a value, and in the JSON texts in it."""
    if isinstance(value, str):
        yield value
        if value[:1] in "{[" and value[:1]:
            try:
                yield from strings(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
