"""Identifiers as AWS makes them."""

import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Any

from tests.doubles.plugins.provider import Making

ACCOUNT = "123456789012"
ZONES = {"us-east-1": 6, "ca-central-1": 4}
"""How many zones a region has, where there are not three."""


def region(making: Making) -> str:
    """Return where something is made."""
    return str(making.get("region") or making.provider.config["region"])


def arn(making: Making, service: str, resource: str) -> str:
    """Return the name of something that lives in a region."""
    return f"arn:aws:{service}:{region(making)}:{ACCOUNT}:{resource}"


def random_id(prefix: str) -> Callable[[Making], str]:
    """Return a maker of ids such as vpc-0a1b2c3d4e5f60718."""
    return lambda making: f"{prefix}-{secrets.token_hex(9)[:17]}"


def by(*names: str, between: str = ":") -> Callable[[Making], str]:
    """Return a maker of ids out of inputs."""
    return lambda making: between.join(
        str(making.get(name)) for name in names if making.get(name) is not None
    )


def number(text: str, below: int) -> int:
    """Return a number that always follows from the same text."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % below


def called(making: Making, property_: str = "name") -> str:
    """Return the name, or one that begins as it is asked to."""
    given = making.get(property_)
    return str(given or f"{making.get(f'{property_}Prefix', '')}{secrets.token_hex(8)}")


def text(value: Any) -> str:
    """Return a value as text."""
    return "" if value is None else str(value)


def zones(of: str) -> dict[str, str]:
    """Map the names of a region's zones to their ids, such as us-east-1c to use1-az3."""
    land, _, rest = of.partition("-")
    side, _, last = rest.rpartition("-")
    short = "".join(word[0] for word in re.findall("gov|north|south|east|west|central", side))
    return {
        f"{of}{chr(96 + n)}": f"{land}{short}{last}-az{n}" for n in range(1, ZONES.get(of, 3) + 1)
    }
