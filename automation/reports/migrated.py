"""The part of the evidence about the schema: backup, rehearsal, tolerance, and what came of it."""

from collections.abc import Mapping
from typing import Literal

from automation.reports.base import Section
from automation.reports.facts import Facts
from automation.reports.observed import MigrationFact, RehearsalFact

Known = Literal["yes", "no", "unknown", "not tried"]


class Backup(Section):
    """The backup made before: an empty id where there was none. `seconds` are those of each part.

    `verified`: it was restored, or connected to, and held the same.
    """

    id: str
    verified: bool
    rows: int
    seconds: dict[str, float]


class Rehearsal(Section):
    """The migration on a copy of the data: seconds by revision, up.

    `downgrade_problem` is empty where the way back works; `difference` has the lines of the schema
    that differ after it, `lossy` the tables whose rows it does not bring back, `rows` the change
    of each table's number of rows.
    """

    seconds: dict[str, float]
    downgrade_seconds: float
    downgrade_problem: str
    difference: tuple[str, ...]
    lossy: tuple[str, ...]
    rows: dict[str, int]


class Tolerance(Section):
    """Whether the release that was live lives with the new schema, by its health and flows."""

    release: str
    tolerated: Known
    reason: str
    checks: dict[str, str]


class Migration(Section):
    """What was done to the schema. `retries`: how often a lock was not given in time.

    `contracted` was applied once the old release was gone; `returned` says how the schema was
    taken back, where it was.
    """

    applied: tuple[str, ...]
    contracted: tuple[str, ...]
    retries: int
    returned: str
    backup: Backup
    rehearsal: Rehearsal
    tolerance: Tolerance


def migration(facts: Facts) -> Migration:
    """Return what is known of the change of the schema; all of it empty where there was none."""
    known = facts.migrations or MigrationFact(status="pending")
    return Migration(
        applied=known.applied,
        contracted=known.contracted,
        retries=known.retries,
        returned=known.returned,
        backup=Backup(
            id=known.backup or "",
            verified=bool(known.backup_verified),
            rows=known.backup_rows or 0,
            seconds=_rounded(known.backup_seconds),
        ),
        rehearsal=_rehearsal(known.rehearsal or RehearsalFact(seconds={})),
        tolerance=_tolerance(known),
    )


def _rehearsal(seen: RehearsalFact) -> Rehearsal:
    return Rehearsal(
        seconds=_rounded(seen.seconds),
        downgrade_seconds=round(seen.downgrade_seconds or 0.0, 3),
        downgrade_problem=seen.downgrade_problem,
        difference=seen.difference,
        lossy=seen.lossy,
        rows=seen.rows,
    )


def _tolerance(known: MigrationFact) -> Tolerance:
    seen = known.tolerance
    if seen is None:
        return Tolerance(release="", tolerated="not tried", reason="", checks={})
    words: dict[bool | None, Known] = {True: "yes", False: "no", None: "unknown"}
    return Tolerance(
        release=seen.release,
        tolerated=words[seen.tolerated],
        reason=seen.reason,
        checks=seen.checks,
    )


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(each, 3) for name, each in seconds.items()}
