"""Verdicts, and what a gate may look at to come to one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import httpx

from automation.metrics.window import Look
from automation.polling import Clock, SystemClock
from automation.probes.load import LoadResult
from automation.smoke.results import FlowResult
from components.contract.desired import SlotName


class Verdict(StrEnum):
    """Go on, go back, or not enough was seen to say."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class GateResult:
    """A verdict with its reason, a sentence, and what it rests on, as JSON values.

    `findings` are worth a line in the report and no reason to go back.
    """

    verdict: Verdict
    reason: str
    evidence: dict[str, object] = field(default_factory=dict)
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Context:
    """What gates may look at. A gate that needs what is absent is inconclusive.

    `replicas` are the base URLs of one service in one slot, asked through `direct`. `public` has
    the public address as its base URL. `alive` returns why a process will never come back, or
    None. `progress` is told how many of how many replicas are ready. `traffic` sends synthetic
    requests to what runs now and returns how many were answered. `looks` are what the slots of
    one service served, look by look.
    """

    clock: Clock = field(default_factory=SystemClock)
    replicas: tuple[str, ...] = ()
    direct: httpx.Client | None = None
    public: httpx.Client | None = None
    slot: SlotName | None = None
    release: str | None = None
    alive: Callable[[], str | None] = lambda: None
    progress: Callable[[int, int], None] = lambda ready, total: None
    flows: tuple[FlowResult, ...] = ()
    load: LoadResult | None = None
    baseline: Mapping[str, float] | None = None
    traffic: Callable[[], int] | None = None
    looks: tuple[Look, ...] = ()


class Gate(Protocol):
    """Decides whether a rollout takes its next step. Never raises for what it observes."""

    def evaluate(self, context: Context) -> GateResult:
        """Return the verdict on what is there now."""
        ...
