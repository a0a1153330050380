"""Every fault that is tried: generated from what the plugins were asked to do in a good run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.doubles.plugins.cloud import CHANGES, Call, When

WAYS: tuple[When, ...] = ("before", "after")
"""The cloud refuses; or it does as it is told, and the plugin waits in vain for the result."""
SLOT = re.compile(r"-(blue|green)\b")


@dataclass(frozen=True)
class Fault:
    """What a plugin's call is to come to. Names of releases and slots are left out: each run has
    its own."""

    method: str
    type: str
    name: str
    when: When

    def __str__(self) -> str:
        return f"{self.when} {self.method} {self.type.rpartition(':')[2]} {self.name}"


def faults(calls: Iterable[Call], release: str) -> list[Fault]:
    """Return every way at every change that went well, in the order of the run, each once."""
    found: dict[Fault, None] = {}
    for call in calls:
        if call.method in CHANGES and call.ok and not call.preview:
            name = SLOT.sub("-*", call.name.replace(release, "*"))
            found |= {Fault(call.method, call.type, name, when): None for when in WAYS}
    return list(found)
