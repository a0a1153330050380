"""What the steps of one deployment share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automation.engine.engine import Engine
from automation.events import Events
from automation.home import Home
from automation.interruption import Interruption
from automation.polling import Clock, SystemClock
from automation.redaction import Redactor
from automation.reports.facts import Facts
from automation.reservation import Reservations
from automation.specification.models import Specification
from components.contract.desired import Address, DesiredState
from components.contract.release import Release, ServiceName
from components.contract.settings import Settings

if TYPE_CHECKING:
    import httpx

    from automation.builds.build import BuildResult
    from automation.hold import Hold
    from automation.migrations.journal import Journal
    from automation.migrations.plan import MigrationPlan
    from automation.migrations.reversal import Reversal
    from automation.probes.prober import Prober
    from automation.smoke.results import FlowResult
    from automation.strategies.base import Step


@dataclass
class Context:
    """One deployment or rollback: what it was asked, what it knows by now, whom it tells.

    `live` is the state before anything was touched, and what an undo goes back to; `declared` is
    what the engine made real last; it is `settled` unless an update after it may have been cut
    short, by another driver perhaps. `resume_at` is the step at which an unfinished rollout is
    gone on with, 0 where none is. `outputs` are the stack's, without secrets;
    `access` are the headers that let the driver in where slots are not public. `processes`
    are those of the target's replicas, `proven` the services whose failures were seen to be
    counted. `placing_since` is the moment at which the services began to be put in place,
    `failed_at` that of a gate's failure and `traffic_back_at` that from which the old release has
    all traffic, by the `clock`.
    """

    environment: str
    settings: Settings
    home: Home
    engine: Engine
    events: Events
    facts: Facts
    redactor: Redactor
    deployment: str
    deployer: str
    reservations: Reservations
    action: str = "deploy"
    application: Path | None = None
    specification: Specification | None = None
    interruption: Interruption = field(default_factory=Interruption)
    clock: Clock = field(default_factory=SystemClock)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    live: DesiredState = field(default_factory=DesiredState)
    declared: DesiredState = field(default_factory=DesiredState)
    outputs: dict[str, Any] = field(default_factory=dict)
    database: dict[str, str] | None = field(default=None, repr=False)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    access: dict[str, str] = field(default_factory=dict, repr=False)
    address: Address | None = None
    builds: "dict[ServiceName, BuildResult]" = field(default_factory=dict)
    release: Release | None = None
    steps: "list[Step]" = field(default_factory=list)
    pending: tuple[str, ...] = ()
    touched: bool = False
    settled: bool = True
    resume_at: int = 0
    log_sizes: dict[str, int] = field(default_factory=dict)
    processes: dict[str, int] = field(default_factory=dict)
    proven: set[ServiceName] = field(default_factory=set)
    placing_since: float | None = None
    failed_at: float | None = None
    traffic_back_at: float | None = None
    prober: "Prober | None" = None
    prober_client: "httpx.Client | None" = None
    flows: "list[FlowResult]" = field(default_factory=list)
    performance: dict[str, float] = field(default_factory=dict)
    backup: str | None = None
    migration: "MigrationPlan | None" = None
    reversal: "Reversal | None" = None
    change: "Journal | None" = None
    database_mode: str | None = None
    confirmed: bool = False
    hold: "Hold | None" = None

    @property
    def folder(self) -> Path:
        """Return the folder of this deployment's report, events and logs."""
        return self.home.deployment(self.environment, self.deployment)

    def target(self) -> Release:
        """Return the release that is being deployed; only steps after the build may ask."""
        assert self.release is not None, "no release was made yet"
        return self.release

    def spec(self) -> Specification:
        """Return the specification; only steps after the validation may ask."""
        assert self.specification is not None, "the specification was not read yet"
        return self.specification
