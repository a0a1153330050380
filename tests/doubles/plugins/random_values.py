"""The double of `random`: real random values, replaced whenever anything about them changes."""

import base64
import secrets
import string
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Kind, Making, Provider
from tests.doubles.plugins.shapes import Problem, shape

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
WORDS = ("able", "bold", "calm", "eager", "fond", "glad", "keen", "mild", "neat", "warm")
ANIMALS = ("ant", "bear", "crow", "dove", "elk", "fox", "goat", "hare", "lynx", "mole")


def text(making: Making) -> str:
    """Return characters of the classes that are asked for, at least as many as asked of each."""
    classes = {
        "Lower": (making.get("lower", True), string.ascii_lowercase),
        "Upper": (making.get("upper", True), string.ascii_uppercase),
        "Numeric": (making.get("numeric", making.get("number", True)), string.digits),
        "Special": (making.get("special", True), making.get("overrideSpecial", SPECIAL)),
    }
    chosen = [
        secrets.choice(characters)
        for name, (_, characters) in classes.items()
        for _ in range(making.get(f"min{name}", 0))
    ]
    every = "".join(characters for wanted, characters in classes.values() if wanted)
    chosen += [secrets.choice(every) for _ in range(making.inputs["length"] - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def lengths(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what makes a text impossible."""
    least = sum(inputs.get(f"min{n}") or 0 for n in ("Lower", "Upper", "Numeric", "Special"))
    length = inputs.get("length")
    if isinstance(length, int) and length < max(1, least):
        yield "length", f"expected at least {max(1, least)}, got {length}"


def flags(making: Making) -> dict[str, Any]:
    """Return the defaults that the real provider writes into its state."""
    on = dict.fromkeys(("lower", "upper", "numeric", "number", "special"), True)
    least = dict.fromkeys(("minLower", "minUpper", "minNumeric", "minSpecial"), 0)
    return {k: v for k, v in {**on, **least}.items() if making.get(k) is None}


def octets(making: Making, count: str) -> dict[str, Any]:
    """Return random bytes in the notations of RandomId and RandomBytes."""
    data = secrets.token_bytes(making.inputs[count])
    prefix = making.get("prefix", "")
    return {
        "hex": f"{prefix}{data.hex()}",
        "dec": f"{prefix}{int.from_bytes(data, 'big')}",
        "b64Std": f"{prefix}{base64.b64encode(data).decode()}",
        "b64Url": f"{prefix}{base64.urlsafe_b64encode(data).decode().rstrip('=')}",
        "base64": base64.b64encode(data).decode(),
    }


def only(making: Making, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the type declares."""
    form = shape("random", making.type)
    return {k: v for k, v in values.items() if form and k in form["outputs"]}


def pet(making: Making) -> str:
    """Return words."""
    count, between = making.get("length", 2), making.get("separator", "-")
    words = [secrets.choice(WORDS) for _ in range(count - 1)] + [secrets.choice(ANIMALS)]
    return between.join([*([making.get("prefix")] if making.get("prefix") else []), *words])


def _kind(outputs: Any, **known: Any) -> Kind:
    return Kind(outputs=lambda making, id_: only(making, outputs(making)), **known)


def _shuffled(making: Making) -> list[Any]:
    items = list(making.inputs["inputs"])
    secrets.SystemRandom().shuffle(items)
    return items[: making.get("resultCount", len(items))]


class Random(Provider):
    """Makes values; the cloud is only asked to remember them."""

    package: ClassVar[str] = "random"
    unordered: ClassVar[bool] = False
    kinds: ClassVar[Mapping[str, Kind]] = {
        "random:index/randomPassword:RandomPassword": _kind(
            lambda m: {
                **flags(m),
                "result": text(m),
                "bcryptHash": f"$2a$10${secrets.token_hex(26)}",
            },
            check=lengths,
        ),
        "random:index/randomString:RandomString": _kind(
            lambda m: {**flags(m), "result": text(m)}, check=lengths
        ),
        "random:index/randomId:RandomId": _kind(lambda m: octets(m, "byteLength")),
        "random:index/randomBytes:RandomBytes": _kind(lambda m: octets(m, "length")),
        "random:index/randomPet:RandomPet": _kind(lambda m: {}, id=pet),
        "random:index/randomUuid:RandomUuid": _kind(lambda m: {"result": str(uuid.uuid4())}),
        "random:index/randomInteger:RandomInteger": _kind(
            lambda m: {"result": secrets.SystemRandom().randint(m.inputs["min"], m.inputs["max"])}
        ),
        "random:index/randomShuffle:RandomShuffle": _kind(lambda m: {"results": _shuffled(m)}),
    }

    def forces(
        self, token: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> frozenset[str]:
        """Replace for every change: there is nothing to update."""
        return frozenset((shape("random", token) or {"inputs": {}})["inputs"])

    def create(self, making: Making, urn: str) -> Object:
        """Make a value; those that are not secret are their own ids."""
        made = super().create(making, urn)
        shown = made.outputs.get("b64Url") or made.outputs.get("result")
        secret = making.type.endswith(("RandomPassword", "RandomBytes"))
        return made if secret or not shown else replace(made, id=str(shown))
