"""The section `evidence`: what the rest of the report rests on."""

from datetime import datetime
from typing import Any, Literal

from automation.reports.base import Section
from automation.reports.migrated import Migration


class StepResult(Section):
    """One step of the deployment. `message` says why it did not pass."""

    name: str
    status: Literal["passed", "failed", "skipped", "interrupted"]
    seconds: float
    message: str


class RolloutStep(Section):
    """One step of the strategy. The verdict is null where the step was not reached."""

    number: int
    description: str
    verdict: Literal["pass", "fail", "inconclusive"] | None
    seconds: float | None


class GateVerdict(Section):
    """What a gate said of a slot, and what it rests on.

    `step` is null of what was looked at after the rollout. `weight` is the slot's share in
    percent, `at` ISO 8601 in UTC.
    """

    step: int | None
    service: str | None
    slot: str | None
    gate: str
    verdict: Literal["pass", "fail", "inconclusive"]
    reason: str
    weight: int | None
    at: datetime | None
    evidence: dict[str, Any]


class SlotWeight(Section):
    """What a slot holds, and its share of the traffic in percent."""

    service: str
    slot: str
    release: str
    weight: int


class Live(Section):
    """What was live when the deployment ended."""

    release: str | None
    version: str | None
    url: str | None
    slots: tuple[SlotWeight, ...]


class WayBack(Section):
    """How to return to the release that was live before."""

    command: str | None
    release: str | None
    version: str | None


class ServedRelease(Section):
    """How many responses named this release as the one that served them."""

    service: str
    release: str
    responses: int


class ProbeSecond(Section):
    """Requests that the probe sent in one second, counted from the probe's start."""

    second: int
    sent: int
    failed: int


class WeightChange(Section):
    """The weights of a service's slots from this second of the probe on."""

    second: float
    service: str
    blue: int
    green: int


class Probe(Section):
    """Requests through the public address during the rollout.

    `longest_gap_ms` is the longest time between two successful responses. `failures` counts those
    that failed by status code, or by why there was none.
    """

    requests: int | None
    failed: int | None
    failures: dict[str, int]
    p50_ms: float | None
    p99_ms: float | None
    longest_gap_ms: float | None
    timeline: tuple[ProbeSecond, ...]
    weights: tuple[WeightChange, ...]


class Load(Section):
    """The load that performance was measured with, and the last release's numbers."""

    requests: int | None
    baseline: dict[str, float]


class Evidence(Section):
    """What the rest of the report rests on. `reason` says why it ended as it did.

    `traffic_back_seconds` is how long it took from a failed gate until all traffic was back.
    """

    application: str | None
    reason: str
    seconds: float | None
    steps: tuple[StepResult, ...]
    rollout: tuple[RolloutStep, ...]
    gates: tuple[GateVerdict, ...]
    traffic_back_seconds: float | None
    live: Live
    way_back: WayBack
    releases_served: tuple[ServedRelease, ...]
    probe: Probe
    load: Load
    migration: Migration
    reused_artifacts: tuple[str, ...]
