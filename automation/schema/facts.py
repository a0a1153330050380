"""What is known of a change of the schema, for the report and for the state."""

from dataclasses import replace
from datetime import UTC, datetime

from automation.context import Context
from automation.databases.base import Backup
from automation.migrations.move import Move
from automation.migrations.rehearsal import Rehearsal
from automation.migrations.returning import Returned
from automation.migrations.tolerance import Tolerance
from automation.reports.observed import MigrationFact, RehearsalFact, ToleranceFact
from automation.schema.telling import told
from components.contract.proof import SchemaProof
from components.contract.release import Release

EMPTY = "the database was empty"


def backed_up(context: Context, saved: Backup) -> None:
    """Say that a backup was made and verified."""
    known = _known(context)
    context.facts.migrations = replace(
        known,
        backup=saved.id,
        no_backup="",
        backup_verified=True,
        backup_rows=sum(saved.content.rows.values()),
        backup_seconds=dict(saved.seconds),
    )


def rehearsed(
    context: Context,
    move: Move,
    rehearsal: Rehearsal,
    tolerance: Tolerance,
    tried: Release | None,
) -> None:
    """Say what the rehearsal showed, and put the proof of tolerance into the state."""
    seen = RehearsalFact(
        seconds=dict(rehearsal.seconds),
        downgrade_seconds=rehearsal.downgrade_seconds,
        downgrade_problem=rehearsal.downgrade_problem or "",
        difference=rehearsal.difference,
        lossy=rehearsal.lossy,
        rows=dict(rehearsal.rows),
    )
    proof = None
    if tried is not None:
        proof = ToleranceFact(
            release=tried.id,
            tolerated=tolerance.tolerated,
            reason=tolerance.reason,
            checks={check.name: check.status for check in tolerance.checks},
        )
        prove(context, tried, move.target, tolerance)
    context.facts.migrations = replace(_known(context), rehearsal=seen, tolerance=proof)
    told(context, move, rehearsal, tolerance, tried)


def prove(context: Context, release: Release, head: str, tolerance: Tolerance) -> None:
    """Put what is known of a release on a schema into the state that is declared next."""
    proof = SchemaProof(
        release=release.id,
        head=head,
        tolerated=tolerance.tolerated,
        reason=context.redactor.text(tolerance.reason),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    context.declared = context.declared.with_proof(proof)


def applied(context: Context, move: Move, *, seconds: float, retries: int) -> None:
    """Say that the schema was changed and verified."""
    known = _known(context)
    context.facts.migrations = replace(
        known,
        status="success",
        applied=(*known.applied, *(leg.revision for leg in move.legs)),
        head=move.target,
        log=str(context.folder / "migration.log"),
        seconds=(known.seconds or 0.0) + seconds,
        retries=known.retries + retries,
    )
    context.declared = context.declared.model_copy(update={"alembic_head": move.target})


def taken_back(context: Context, head: str | None, returned: Returned) -> None:
    """Say that the schema is as it was before: what came earlier in the deployment stays."""
    known = _known(context)
    kept = known.applied.index(head) + 1 if head in known.applied else 0
    context.facts.migrations = replace(
        known,
        status="failed",
        applied=known.applied[:kept],
        head=head,
        log=str(context.folder / "migration.log"),
        restored=returned.restored,
        returned=returned.how,
    )


def awaiting(context: Context) -> None:
    """Say that what was applied, and taken back with its release, waits for the next one."""
    context.facts.migrations = replace(_known(context), status="pending")


def contracted(context: Context, before: MigrationFact | None) -> None:
    """Put a contraction, or what came of it, beside the migration before it in the deployment."""
    known = _known(context)
    first, then = before.rehearsal if before else None, known.rehearsal
    if before is not None and first is not None and then is not None:
        both = replace(first, seconds={**first.seconds, **then.seconds})
        known = replace(known, rehearsal=both, tolerance=before.tolerance, backup=before.backup)
    done = tuple(one for one in known.applied if before is None or one not in before.applied)
    context.facts.migrations = replace(known, contracted=done)


def reversed_to(context: Context, head: str | None, how: str) -> None:
    """Say that a rollback took the schema back."""
    context.facts.migrations = replace(
        _known(context),
        status="success",
        head=head,
        log=str(context.folder / "migration.log"),
        returned=how,
    )


def unneeded(context: Context, head: str | None, why: str) -> None:
    """Say that there was nothing to change."""
    context.facts.migrations = MigrationFact(status="success", head=head, no_backup=why)


def _known(context: Context) -> MigrationFact:
    return context.facts.migrations or MigrationFact(status="failed", no_backup=EMPTY)
