"""The course of a rollout, moment by moment: verdicts, events, and the steps of the way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from automation.reports.observed import Service

Trigger = Literal[
    "health",
    "error_rate",
    "latency",
    "smoke_test",
    "migration",
    "data",
    "inconclusive",
    "interrupted",
    "unfinished",
    "engine",
    "operator",
    "other",
]
TRIGGERS: Final[Mapping[Trigger, str]] = {
    "health": "health check failures",
    "error_rate": "high error rate",
    "latency": "performance degradation: response times under traffic",
    "smoke_test": "critical bug: a smoke test failed",
    "migration": "the migration failed",
    "data": "data corruption or inconsistency",
    "inconclusive": "no verdict: too little was seen to go on",
    "interrupted": "interrupted by a signal",
    "unfinished": "an earlier deployment was left unfinished",
    "engine": "the engine did not make the state real",
    "operator": "asked for by a person",
    "other": "something else",
}
"""What each trigger means."""

EventKind = Literal["step", "weights", "verdict", "signal", "undo", "note"]


@dataclass(frozen=True, kw_only=True)
class GateFact:
    """One verdict. `step` is the rollout's step by number, `weight` the slot's share in percent.

    `step` is None of what was looked at after the rollout; `ended`: the deployment did not go on
    from it. `gate` names what was looked at, such as `health`; `evidence` is that of the gate's
    result: numbers and texts by name. `log` holds the last lines of the slot's log, redacted.
    """

    step: int | None
    service: Service | None
    slot: str | None
    gate: str
    verdict: Literal["pass", "fail", "inconclusive"]
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    weight: int | None = None
    at: datetime | None = None
    log: tuple[str, ...] = ()
    ended: bool = False


@dataclass(frozen=True, kw_only=True)
class EventFact:
    """Something that happened at a time, in one sentence."""

    at: datetime
    kind: EventKind
    text: str


@dataclass(frozen=True, kw_only=True)
class UndoStepFact:
    """One thing that was done to go back, and how long it took."""

    description: str
    status: Literal["passed", "failed"]
    seconds: float | None = None
