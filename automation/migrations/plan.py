"""The plan of a migration: what will be executed, what that does, and what the policy says."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

from automation.migrations import planned_text
from automation.migrations.alembic import Alembic
from automation.migrations.catalogue import Catalogue, observe
from automation.migrations.connection import Target
from automation.migrations.executed import Executed
from automation.migrations.graph import revisions_at, route
from automation.migrations.lint import squawk
from automation.migrations.lint.finding import Finding
from automation.migrations.lint.linter import Subject, lint
from automation.migrations.lint.measured import measured
from automation.migrations.lint.unseen import unseen
from automation.migrations.policy import Decision, Tolerance, decide
from automation.migrations.sql import Script, Scripts, written
from automation.specification.marker import Marker
from automation.specification.migrations import Graph
from automation.specification.revision import Revision
from components.contract.desired import DesiredState
from components.contract.files import replace as written_over
from components.contract.settings import Settings

UNBUILT = Scripts(
    upgrade=Script(problem="nothing is built yet"), downgrade=Script(problem="nothing is built yet")
)


@dataclass(frozen=True, kw_only=True)
class PlannedRevision:
    """A revision with what it executes in both directions."""

    id: str
    message: str
    file: str
    marker: Marker
    irreversible_because: str
    upgrade: Script
    downgrade: Script


@dataclass(frozen=True, kw_only=True)
class MigrationPlan:
    """What is applied `now`, before the new release gets traffic, and what waits for `later`.

    `target` is the revision in between; `note` says what could not be looked at. `subjects` and
    `catalogue` are what was looked at.
    """

    at: tuple[str, ...]
    head: str | None
    target: str | None
    now: tuple[PlannedRevision, ...]
    later: tuple[PlannedRevision, ...]
    findings: tuple[Finding, ...]
    settings: Settings
    downtime: bool
    note: str = ""
    subjects: tuple[Subject, ...] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)

    @cached_property
    def decision(self) -> Decision:
        """Return what the policy says before the rehearsal."""
        return self.decide(None)

    def decide(self, tolerance: Tolerance | None) -> Decision:
        """Return what the policy says, with what the rehearsal proved."""
        return decide(self.findings, tolerance, self.settings, self.downtime)

    @property
    def pending(self) -> tuple[str, ...]:
        """Return the ids of what is applied before the new release gets traffic."""
        return tuple(each.id for each in self.now)

    @property
    def irreversible(self) -> tuple[PlannedRevision, ...]:
        """Return what cannot be taken back by a downgrade."""
        return tuple(each for each in (*self.now, *self.later) if each.irreversible_because)

    def witnessed(self, executed: Mapping[str, Script]) -> "MigrationPlan":
        """Return the plan with what the rehearsal executed, and the written SQL did not show."""
        more = unseen(self.subjects, executed, self.catalogue, self.findings)
        return replace(self, findings=(*self.findings, *more))

    def part(self, revisions: Collection[str]) -> "MigrationPlan":
        """Return the plan with the findings of some revisions alone."""
        mine = tuple(each for each in self.findings if each.revision in revisions)
        return replace(self, findings=mine)

    def refined(
        self, seconds: Mapping[str, float], executed: Mapping[str, Executed] | None = None
    ) -> "MigrationPlan":
        """Return the plan with locks as the rehearsal timed them, by revision."""
        executing = {name: each.seconds for name, each in (executed or {}).items()}
        return replace(self, findings=measured(self.findings, seconds, executing))

    def summary(self) -> tuple[str, ...]:
        """Return a few lines for the terminal; everything is in `migration-plan.json`."""
        return planned_text.summary(self)

    def write(self, folder: Path) -> None:
        """Write `migration.sql` and `migration-plan.json`, each whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        written_over(folder / "migration.sql", planned_text.sql(self))
        decision = self.decision
        document = {
            "at": self.at,
            "head": self.head,
            "target": self.target,
            "policy": self.settings.database_policy,
            "lock_seconds": self.settings.database_lock_seconds,
            "downtime": self.downtime,
            "note": self.note,
            "decision": asdict(decision),
            "now": [asdict(each) for each in self.now],
            "later": [asdict(each) for each in self.later],
            "findings": [asdict(each) for each in self.findings],
        }
        written_over(folder / "migration-plan.json", json.dumps(document, indent=1) + "\n")


def plan_migration(
    graph: Graph,
    alembic: Alembic | None,
    target: Target | None,
    *,
    settings: Settings,
    downtime: bool,
    live: DesiredState,
) -> MigrationPlan:
    """Plan the way from where the database is to the code's head. Nothing is changed.

    `alembic` is the new release's, None where nothing is built; `target` None where there is no
    database yet. Raise Blocked for what makes a plan impossible; a policy's block is in `decision`.
    """
    at = revisions_at(target) if target is not None else ()
    # With downtime the old release is stopped anyway; without one there is nobody to wait for.
    hold = not downtime and live.live_release() is not None
    way = route(graph, at, live=live, hold=hold)
    pending = (*way.now, *way.later)
    scripts = written(alembic, pending) if alembic is not None else {}
    held = {each.id for each in way.later}
    subjects = [
        Subject(revision=one, script=scripts.get(one.id, UNBUILT).upgrade, held=one.id in held)
        for one in pending
    ]
    catalogue = observe(target) if pending else Catalogue()
    findings, note = squawk.merged(subjects, lint(subjects, catalogue)) if pending else ((), "")
    return MigrationPlan(
        at=way.at,
        head=way.head,
        target=way.target,
        now=_planned(way.now, scripts),
        later=_planned(way.later, scripts),
        findings=findings,
        settings=settings,
        downtime=downtime,
        note=note,
        subjects=tuple(subjects),
        catalogue=catalogue,
    )


def _planned(
    revisions: Sequence[Revision], scripts: Mapping[str, Scripts]
) -> tuple[PlannedRevision, ...]:
    return tuple(
        PlannedRevision(
            id=one.id,
            message=one.message,
            file=one.file,
            marker=one.marker,
            irreversible_because=one.irreversible_because,
            upgrade=scripts.get(one.id, UNBUILT).upgrade,
            downgrade=scripts.get(one.id, UNBUILT).downgrade,
        )
        for one in revisions
    )
