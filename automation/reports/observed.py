"""What the steps of a deployment observe. Seconds and milliseconds are floats as measured.

None stands for "not observed"; nothing here has a value that nobody measured.
"""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from automation.reports.base import CheckStatus, DeploymentStatus, Health
from automation.reports.checklist_items import KEYS

Service = Literal["frontend", "backend"]
Severity = Literal["critical", "high", "medium", "low"]
StepName = Literal[
    "validate",
    "build",
    "configure",
    "plan",
    "provision",
    "migrate",
    "roll_out",
    "verify",
    "smoke_test",
    "secure",
    "contract",
    "document",
    "watch",
]
STEPS: Final[tuple[StepName, ...]] = get_args(StepName)
"""The steps of `slipway up`, in order."""


@dataclass(frozen=True, kw_only=True)
class StepFact:
    """One step that ran or was skipped; a step that was not reached has none."""

    name: StepName
    status: Literal["passed", "failed", "skipped", "interrupted"]
    seconds: float
    message: str = ""

    def __post_init__(self) -> None:
        if self.name not in STEPS:
            raise ValueError(f"unknown step {self.name!r}; known: {', '.join(STEPS)}")


@dataclass(frozen=True, kw_only=True)
class ReleaseFact:
    """A release. `artifacts` maps each service to where its artifact lies."""

    id: str
    version: str
    commit: str | None
    artifacts: dict[Service, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CheckFact:
    """One check. `item` is the checklist item that it is evidence for; `remedy` what to do."""

    name: str
    status: CheckStatus
    details: str
    remedy: str = ""
    blocking: bool = True
    item: str | None = None

    def __post_init__(self) -> None:
        if self.item is not None and self.item not in KEYS:
            raise ValueError(f"unknown checklist item {self.item!r}, see checklist_items.py")


@dataclass(frozen=True, kw_only=True)
class BuildFact:
    """The build of one service. `reused`: unchanged inputs, so nothing was built."""

    status: Literal["success", "failed"]
    seconds: float | None = None
    artifact: str | None = None
    log: str | None = None
    reused: bool = False


@dataclass(frozen=True, kw_only=True)
class RehearsalFact:
    """A migration on a copy of the data: seconds by revision, and whether the way back works.

    `downgrade_problem` is empty where it does; `difference` has the lines that differ after it,
    `lossy` the tables whose rows it does not bring back, `rows` the change of each table's count.
    """

    seconds: dict[str, float]
    downgrade_seconds: float | None = None
    downgrade_problem: str = ""
    difference: tuple[str, ...] = ()
    lossy: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ToleranceFact:
    """Whether a release lives with the new schema; None where that could not be seen."""

    release: str
    tolerated: bool | None
    reason: str
    checks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MigrationFact:
    """What happened to the schema. `head` is the revision that the database is at now.

    `restored`: the backup was restored after a failure. `no_backup` says why there is none.
    `backup_seconds` are those of backup and verification, `retries` how often a lock was not given
    in time. `returned` says how the schema came back, `contracted` what was applied once the old
    release was gone.
    """

    status: Literal["success", "failed", "pending"]
    applied: tuple[str, ...] = ()
    head: str | None = None
    backup: str | None = None
    no_backup: str = ""
    log: str | None = None
    seconds: float | None = None
    restored: bool = False
    backup_verified: bool | None = None
    backup_rows: int | None = None
    backup_seconds: dict[str, float] = field(default_factory=dict)
    rehearsal: RehearsalFact | None = None
    tolerance: ToleranceFact | None = None
    retries: int = 0
    returned: str = ""
    contracted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DatabaseFact:
    """The database as it was provisioned, or found."""

    platform: str
    status: DeploymentStatus


@dataclass(frozen=True, kw_only=True)
class DeployedFact:
    """A service on its platform; `url` is public, `seconds` those until it took all traffic."""

    status: DeploymentStatus
    platform: str
    url: str | None = None
    health_url: str | None = None
    seconds: float | None = None
    replicas: int | None = None


@dataclass(frozen=True, kw_only=True)
class HealthFact:
    """The health of a service that is live; `probes` and `failures` of the whole deployment."""

    status: Health
    milliseconds: float | None = None
    probes: int | None = None
    failures: int = 0


@dataclass(frozen=True, kw_only=True)
class DatabaseHealthFact:
    """The health of the database and its connections."""

    status: Health
    active: int | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class SmokeFact:
    """One smoke flow that ran or was skipped; `error` says why it did not pass."""

    name: str
    category: str
    status: CheckStatus
    milliseconds: float | None
    error: str = ""
    severity: Severity = "critical"
