"""Step 6: back up, rehearse on the copy, then migrate for real."""

import time

from automation.context import Context
from automation.declare import learn
from automation.errors import Blocked, DeploymentFailed
from automation.events import StepNotes, StepSkipped
from automation.migrations import backup as backups
from automation.migrations.alembic import Alembic
from automation.migrations.connection import Target
from automation.migrations.rehearsal import rehearse
from automation.migrations.revision import current, row_counts
from automation.reports.observed import MigrationFact
from components.contract.values import reference_values, release_values


def run(context: Context, notes: StepNotes) -> None:
    """Bring the database to the new release's head.

    Raise DeploymentFailed where that fails; the database is then as it was before.
    """
    target = context.target()
    if not context.pending:
        _record(context, "success", head=target.alembic_head, why="no migration was pending")
        raise StepSkipped("no migration is pending")
    learn(context)
    assert context.database is not None, "provisioned environments have a database"
    owner, admin = Target.owner(context.database), Target.admin(context.database)
    alembic = _alembic(context)
    began, before = time.monotonic(), current(owner)
    saved = _backed_up(context, alembic, admin, owner, before)
    context.events.progress(f"migrating to {target.alembic_head}")
    try:
        alembic.upgrade(owner)
        after = current(owner)
        if after != target.alembic_head:
            raise DeploymentFailed(
                f"the database is at {after} after the migration, not at {target.alembic_head}"
            )
    except BaseException:
        context.interruption.taken()  # else the way back of the schema would be cancelled as well
        _put_back(context, alembic, owner, admin, before, saved)
        raise
    seconds = time.monotonic() - began
    _record(context, "success", head=after, seconds=seconds, saved=saved, log=str(alembic.log))
    context.declared = context.declared.model_copy(update={"alembic_head": after})
    notes.message = f"{len(context.pending)} applied, now at {after}" + (
        f"; backup {saved.id} restored and compared" if saved else "; the database was empty"
    )


def _alembic(context: Context) -> Alembic:
    artifact = context.target().backend
    assert artifact is not None and context.address is not None and context.database is not None
    values = reference_values(
        context.environment,
        context.declared,
        context.address,
        internal_url=context.address.url,
        database=context.database,
        secrets=context.secrets,
    )
    context.folder.mkdir(parents=True, exist_ok=True)
    return Alembic(
        artifact=artifact,
        specification=context.spec(),
        values={**values, **release_values(context.target())},
        log=context.folder / "migration.log",
        progress=context.events.progress,
        cancelled=context.interruption.cancelled,
        clean=context.redactor.text,
    )


def _backed_up(
    context: Context, alembic: Alembic, admin: Target, owner: Target, before: str | None
) -> backups.Backup | None:
    if not row_counts(admin):
        return None
    context.events.progress("backing up")
    folder = context.home.environment(context.environment) / "backups"
    saved = backups.take(admin, folder, context.deployment)
    context.events.progress("restoring the backup elsewhere, to see that it is one")
    with backups.restored(saved, admin, owner) as copy:
        context.events.progress("rehearsing on the copy: up, down, up")
        rehearsal = rehearse(alembic, copy, before)
    context.backup = saved.id
    if rehearsal.downgrade_problem:
        context.events.note(
            f"the way back of the schema does not work: {rehearsal.downgrade_problem}"
        )
        context.facts.short_term.append(
            f"Mend the downgrade of {', '.join(context.pending)}: it failed in the rehearsal."
        )
    return saved


def _put_back(
    context: Context,
    alembic: Alembic,
    owner: Target,
    admin: Target,
    before: str | None,
    saved: backups.Backup | None,
) -> None:
    """Return the schema to where it was: nothing to do, downgrade, or the backup."""
    restored = False
    at = current(owner)
    if at != before:
        try:
            alembic.downgrade(owner, before or "base")
        except DeploymentFailed:
            if saved is None:
                raise Blocked(
                    f"the migration failed half way, at {at}, and could not be taken back",
                    hint=f"There was no data. See {alembic.log}.",
                ) from None
            backups.restore(saved, admin)
            restored = True
    _record(
        context, "failed", head=current(owner), saved=saved, restored=restored, log=str(alembic.log)
    )


def _record(
    context: Context,
    status: str,
    *,
    head: str | None,
    seconds: float | None = None,
    saved: backups.Backup | None = None,
    restored: bool = False,
    log: str | None = None,
    why: str = "the database was empty",
) -> None:
    context.facts.migrations = MigrationFact(
        status="success" if status == "success" else "failed",
        applied=context.pending if status == "success" else (),
        head=head,
        backup=saved.id if saved else None,
        no_backup="" if saved else why,
        log=log,
        seconds=seconds,
        restored=restored,
    )
