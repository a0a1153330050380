"""The facts of one deployment, collected step by step: the only input of the report.

A part that is None, or a mapping without a service, was not reached; the reason follows from the
step at which the deployment ended. A collector that nobody concludes says `interrupted`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from automation.reports.base import Environment, Outcome
from automation.reports.configured import ConfigurationFact
from automation.reports.course import EventFact, EventKind, GateFact, Trigger
from automation.reports.happened import (
    CommitFact,
    Functionality,
    FunctionalityFact,
    IssueFact,
    LiveFact,
    MonitoringFact,
    PerformanceFact,
    ProbeFact,
    RollbackFact,
    RolloutStepFact,
    ServedFact,
    StrategyFact,
    WayBackFact,
)
from automation.reports.observed import (
    BuildFact,
    CheckFact,
    DatabaseFact,
    DatabaseHealthFact,
    DeployedFact,
    HealthFact,
    MigrationFact,
    ReleaseFact,
    Service,
    SmokeFact,
    StepFact,
    StepName,
)

Declared = Literal["frontend", "backend", "database", "migrations"]


@dataclass(kw_only=True)
class Facts:
    """What is known about one deployment so far.

    `declared` is what the application has; None until its specification was read.
    `checks` are those of the validation, `observations` everything else that was checked.
    `trigger` is what went wrong, where neither a gate nor the step tells. `previous` is what was
    live before; `reason` says in one sentence why it ended as it did.
    """

    deployment: str
    environment: Environment
    deployer: str
    started_at: datetime
    action: Literal["deploy", "rollback"] = "deploy"
    outcome: Outcome = "interrupted"
    reason: str = ""
    seconds: float | None = None
    application: str | None = None
    declared: frozenset[Declared] | None = None
    steps: list[StepFact] = field(default_factory=list)
    release: ReleaseFact | None = None
    previous: ReleaseFact | None = None
    checks: list[CheckFact] | None = None
    builds: dict[Service, BuildFact] = field(default_factory=dict)
    manifest: str | None = None
    configuration: ConfigurationFact | None = None
    strategy: StrategyFact | None = None
    rollout: list[RolloutStepFact] = field(default_factory=list)
    gates: list[GateFact] = field(default_factory=list)
    timeline: list[EventFact] = field(default_factory=list)
    database: DatabaseFact | None = None
    migrations: MigrationFact | None = None
    services: dict[Service, DeployedFact] = field(default_factory=dict)
    probe: ProbeFact | None = None
    served: list[ServedFact] = field(default_factory=list)
    live: LiveFact | None = None
    health: dict[Service, HealthFact] = field(default_factory=dict)
    database_health: DatabaseHealthFact | None = None
    performance: PerformanceFact | None = None
    smoke: list[SmokeFact] | None = None
    functionality: dict[Functionality, FunctionalityFact] = field(default_factory=dict)
    observations: list[CheckFact] = field(default_factory=list)
    rollback: RollbackFact | None = None
    trigger: Trigger | None = None
    way_back: WayBackFact | None = None
    monitoring: MonitoringFact | None = None
    issues: list[IssueFact] = field(default_factory=list)
    immediate: list[str] = field(default_factory=list)
    short_term: list[str] = field(default_factory=list)
    long_term: list[str] = field(default_factory=list)
    commits: list[CommitFact] | None = None
    logs: dict[str, str] = field(default_factory=dict)
    owner: str | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    def explain(self, path: str, reason: str) -> None:
        """Say why the field at a dotted path of the report, or all below it, is null."""
        self.reasons[path] = reason

    def tell(self, kind: EventKind, text: str) -> None:
        """Put something that happens now on the timeline; what holds already is not repeated."""
        same = (event for event in reversed(self.timeline) if event.kind == kind)
        if (last := next(same, None)) is not None and kind == "weights" and last.text == text:
            return
        self.timeline.append(EventFact(at=datetime.now(UTC), kind=kind, text=text))

    def step(self, name: StepName) -> StepFact | None:
        """Return what is known of a step, or None where it was not reached."""
        return next((step for step in self.steps if step.name == name), None)

    def ended_at(self) -> StepFact | None:
        """Return the step that did not pass, else the last one; None where none began."""
        broken = (step for step in self.steps if step.status in ("failed", "interrupted"))
        return next(broken, self.steps[-1] if self.steps else None)

    def has(self, part: Declared) -> bool:
        """Tell whether the application has this part, as far as its specification was read."""
        return self.declared is None or part in self.declared
