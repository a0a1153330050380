"""What a deployment did to the live state: strategy, rollout, traffic, the way back, the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from automation.reports.course import Trigger, UndoStepFact
from automation.reports.observed import Service, Severity

Category = Literal["build", "deployment", "verification", "rollback"]
Functionality = Literal["authentication", "crud_operations", "multi_user_isolation"]


@dataclass(frozen=True, kw_only=True)
class StrategyFact:
    """The strategy as planned. `rollback` says in words how to go back."""

    strategy: Literal["rolling", "blue_green", "canary", "recreate"]
    config: dict[str, str | int | float | bool]
    rollback: str


@dataclass(frozen=True, kw_only=True)
class RolloutStepFact:
    """One planned step of the rollout; without a verdict it was not reached.

    `weights` has the new release's share of each service's traffic in this step, in percent.
    """

    number: int
    description: str
    verdict: Literal["pass", "fail", "inconclusive"] | None = None
    seconds: float | None = None
    weights: dict[Service, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SlotFact:
    """What a slot holds; `weight` is its share of the traffic in percent."""

    service: Service
    slot: str
    release: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class LiveFact:
    """What is live at the end. `serving`: its release was seen to answer at the public address."""

    release: str
    version: str
    url: str | None
    slots: tuple[SlotFact, ...]
    serving: bool | None


@dataclass(frozen=True, kw_only=True)
class ServedFact:
    """How many responses named a release as the one that served them."""

    service: Service
    release: str
    responses: int


@dataclass(frozen=True, kw_only=True)
class ProbeSecondFact:
    """Requests that the probe sent in one second, counted from its start."""

    second: int
    sent: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class WeightFact:
    """Weights that hold from this second of the probe on."""

    second: float
    service: Service
    blue: int
    green: int


@dataclass(frozen=True, kw_only=True)
class ProbeFact:
    """Requests through the public address during the rollout; `failures` says how they failed."""

    requests: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None
    longest_gap_ms: float | None
    failures: Mapping[str, int] = field(default_factory=dict)
    timeline: tuple[ProbeSecondFact, ...] = ()
    weights: tuple[WeightFact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PerformanceFact:
    """Numbers of a bounded load; `baseline` holds the last release's under the same names."""

    requests: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    cpu_percent: float | None = None
    memory_percent: float | None = None
    baseline: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FunctionalityFact:
    """Whether one kind of functionality works, and how that was seen."""

    status: Literal["passed", "failed"]
    details: str


@dataclass(frozen=True, kw_only=True)
class RollbackFact:
    """The way back as it was taken; `success` only where the old release was verified.

    `seconds` are those of all of it, `traffic_seconds` those from the failed gate until all
    traffic was on the old release. `verified` says how that release was seen to serve.
    """

    reason: str
    status: Literal["success", "failed"]
    seconds: float | None
    trigger: Trigger | None = None
    traffic_seconds: float | None = None
    steps: tuple[UndoStepFact, ...] = ()
    verified: str = ""

    @property
    def of_another(self) -> bool:
        """Tell whether what was taken back is the unfinished rollout of another deployment."""
        return self.trigger == "unfinished"


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step of the way back: what it does and the exact command."""

    description: str
    command: str


@dataclass(frozen=True, kw_only=True)
class WayBackFact:
    """The way back. `effect` says what it does to the schema, `configuration` to variables and
    secrets; `criteria` when it succeeded."""

    command: str
    release: str
    version: str
    effect: str
    configuration: str = ""
    artifacts: dict[Service, str] = field(default_factory=dict)
    steps: tuple[PlannedStep, ...] = ()
    procedure: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    timeout_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class IssueFact:
    """Something that went wrong during the deployment."""

    severity: Severity
    category: Category
    description: str
    at: datetime
    resolution: str = ""
    resolved: bool = False


@dataclass(frozen=True, kw_only=True)
class MonitoringFact:
    """Monitoring as it was seen at work. `rules` are names."""

    enabled: bool
    alerting: bool
    dashboards: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CommitFact:
    """One commit between the release that was live and this one."""

    id: str
    subject: str
    author: str = ""
