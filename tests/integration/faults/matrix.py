"""Every fault that is tried: generated from the driver's own steps and what the engine does."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from automation.deployment import CHANGE
from automation.preparing import PREPARE
from tests.integration.faults.watched import Watched

Kind = Literal["driver killed", "engine killed", "SIGINT", "SIGTERM", "SIGINT twice"]
KINDS: tuple[Kind, ...] = ("driver killed", "engine killed", "SIGINT", "SIGTERM", "SIGINT twice")
STEPS = tuple(name for name, _ in (*PREPARE, *CHANGE))
SCHEMA: tuple[str, ...] = ("migrate", "contract")
"""Steps that change the schema: all that is told in them, with numbers and names left out."""
NUMBERED = re.compile(r"[\w.-]*\d[\w.-]*")
OPERATION = re.compile(r"(create|update|delete|replace)[a-z-]* application-\S+")
SLOT = re.compile(r"-(blue|green)$")
BACK = "undo"


def told(event: Mapping[str, Any]) -> str:
    """Return the text of an event, whichever slot was the idle one."""
    text = SLOT.sub("-slot", str(event.get("text", "")))
    return NUMBERED.sub("#", text) if event.get("step") in SCHEMA else text


@dataclass(frozen=True)
class Moment:
    """A boundary of a step, or the beginning of the engine's `nth` change within it."""

    step: str
    event: Literal["started", "finished", "progress"]
    text: str = ""
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.step}: {self.text or self.event}{f' ({self.nth})' if self.nth > 1 else ''}"


@dataclass(frozen=True)
class Fault:
    """What is done to whom, and when."""

    kind: Kind
    moment: Moment

    def __str__(self) -> str:
        return f"{self.kind} at {self.moment}"


@dataclass(frozen=True)
class Recorded:
    """What a deployment, and one that went back, have gone through; where an engine was seen."""

    moments: tuple[Moment, ...]
    engines: frozenset[str]


def record(*runs: Watched) -> Recorded:
    """Follow deployments to their ends, the last of them interrupted so that it goes back."""
    moments: dict[Moment, None] = {}
    engines: set[str] = set()
    for run in runs:
        moments |= dict.fromkeys(_followed(run, engines))
    return Recorded(tuple(moments), frozenset(engines))


def _followed(run: Watched, engines: set[str]) -> Iterator[Moment]:
    counted: dict[tuple[str, str], int] = {}
    step = ""

    def look() -> bool:
        nonlocal step
        for event in run.fresh():
            step = event.get("step", step)
        if step not in engines and run.engine() is not None:
            engines.add(step)
        return False

    run.see(look)
    for event in run.events:
        kind, where, text = event["event"], event.get("step", ""), told(event)
        if kind in ("started", "finished"):
            yield Moment(where, kind)
        elif kind == "progress" and (where in SCHEMA or OPERATION.fullmatch(text)):
            counted[where, text] = counted.get((where, text), 0) + 1
            yield Moment(where, "progress", text, counted[where, text])


def faults(
    recorded: Recorded,
    steps: tuple[str, ...] = (*STEPS, BACK),
    kinds: tuple[Kind, ...] = KINDS,
) -> list[Fault]:
    """Return every kind at every moment; the engine is killed only where there is one."""
    ends: tuple[Literal["started", "finished"], ...] = ("started", "finished")
    boundaries = [Moment(name, event) for name in STEPS if name in steps for event in ends]
    found = [moment for moment in recorded.moments if moment.step in steps]
    inside = [moment for moment in found if moment not in boundaries]
    return [
        Fault(kind, moment)
        for moment in (*boundaries, *inside)
        for kind in kinds
        if kind != "engine killed"
        or (moment.step in recorded.engines and moment.event != "finished")
    ]
