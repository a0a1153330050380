"""The schema of a rollback: down by the rehearsed path, or back to a backup, as was announced."""

from automation.context import Context
from automation.databases import content, schema
from automation.databases.base import Backup, DatabasePlatform
from automation.declare import confirm
from automation.errors import DeploymentFailed
from automation.migrations import dropped, verification
from automation.migrations.alembic import Alembic
from automation.migrations.journal import Journal
from automation.migrations.lock import migration_lock
from automation.migrations.losses import lost
from automation.migrations.move import backward
from automation.migrations.returning import Before
from automation.migrations.reversal import Reversal
from automation.migrations.revision import current
from automation.schema import facts
from automation.schema.change import back_up, take_back
from automation.schema.means import alembic_of, holder, patience_of, place_of, platform_of, tried
from automation.schema.stopping import stop_serving
from automation.specification.recorded import recorded


def run(context: Context, found: Reversal) -> None:
    """Take the schema back for the release that is rolled back to, after a backup of its own.

    Raise SlipwayError where that fails; the schema is then as it was before.
    """
    platform = platform_of(context)
    with migration_lock(platform.roles.owner, holder(context)):
        platform.mend()
        before = Before.of(platform.roles.admin)
        saved = back_up(context, platform)
        if found.mode == "downgrade":
            _down(context, platform, found, before, saved)
        else:
            _restore(context, platform, found, before, saved)
    facts.reversed_to(context, found.head, f"{found.mode}: {found.why}")


def _down(
    context: Context,
    platform: DatabasePlatform,
    found: Reversal,
    before: Before,
    saved: Backup | None,
) -> None:
    maker = context.live.releases[found.maker or ""]
    alembic = alembic_of(context, maker, recorded(maker))
    patience, to = patience_of(context), found.head or "base"
    expected, goes = None, dropped.Dropped({})
    if saved is not None:
        expected, goes = _rehearsed(context, platform, alembic, saved, to)
        context.events.note(goes.told())
    note = _note(context, found, before, saved, lossy=bool(goes.columns))
    stop_serving(context)
    confirm(context)
    note.write(place_of(context))
    roles = platform.roles
    try:
        backward(alembic, roles, to, patience)
        if expected is None:
            expected = verification.Expected(to, schema.dump(roles.admin), {}, frozenset())
        wrong = verification.problems(roles, expected)
        if wrong:
            what = "the downgraded database is not what the rehearsal made of its copy"
            raise DeploymentFailed(what, details=tuple(wrong))
    except BaseException as error:
        context.interruption.taken()  # else the way back would be cancelled as well
        take_back(context, platform, alembic, note, saved)
        raise error from None
    _changed(context, note)


def _rehearsed(
    context: Context, platform: DatabasePlatform, alembic: Alembic, saved: Backup, to: str
) -> tuple[verification.Expected, dropped.Dropped]:
    """Go down on a copy, try the release there, and say what the real thing will do."""
    target = context.target()
    context.events.progress("rehearsing the downgrade on the copy")
    with platform.copy(saved) as copy:
        columns = dropped.columns(copy.admin)
        backward(alembic, copy, to, patience_of(context))
        goes = dropped.between(columns, copy.admin, platform.roles.admin)
        rows, live = content.row_counts(copy.admin), content.row_counts(platform.roles.admin)
        # What changed between backup and rehearsal is users' doing: only falls are looked at.
        expected = verification.Expected(
            revision=to,
            schema=schema.dump(copy.admin),
            rows={name: min(n, live.get(name, n)) for name, n in rows.items()},
            invalid=verification.invalid(copy.admin),
        )
        context.events.progress(f"does {target.id} live with the schema {to}?")
        tolerance = tried(context, target, copy)
    facts.prove(context, target, to, tolerance)
    if tolerance.tolerated is False:
        raise DeploymentFailed(
            f"{target.id} fails on the downgraded schema in the rehearsal: {tolerance.reason}",
            hint="The schema was not changed. `--database restore` returns to a backup.",
        )
    return expected, goes


def _restore(
    context: Context,
    platform: DatabasePlatform,
    found: Reversal,
    before: Before,
    saved: Backup | None,
) -> None:
    backup = platform.find(found.backup or "")
    if backup is None:
        raise DeploymentFailed(f"the backup {found.backup} is gone; nothing was changed")
    note, place = _note(context, found, before, saved, lossy=True), place_of(context)
    stop_serving(context)
    with platform.copy(backup) as copy:
        losses = lost(platform.roles.admin, copy.admin)
    confirm(context)
    note.write(place)
    try:
        where = platform.restore(backup, context.deployment)
        note.write(place)  # what is restored may have come without it
        at = current(platform.roles.owner)
        if at != found.head:
            raise DeploymentFailed(f"the restored database is at {at}, not at {found.head}")
    except BaseException as error:
        context.interruption.taken()
        take_back(context, platform, None, note, saved)
        raise error from None
    context.events.note(f"{backup.id} is restored; what it replaced is in {where}")
    context.events.note(losses.told())
    _changed(context, note)


def _note(
    context: Context, found: Reversal, before: Before, saved: Backup | None, *, lossy: bool
) -> Journal:
    live = context.live.live_release()
    return Journal(
        deployment=context.deployment,
        phase="changing",
        before=before,
        target=found.head,
        maker=found.maker or context.target().id,
        serving=live.id if live else None,
        # The live release was made for the schema before: it is not asked of one that it outgrew.
        tolerated=False,
        downgrade=not lossy,
        lossy=lossy,
        backup=saved.id if saved else None,
        action="downgrade" if found.mode == "downgrade" else "restore",
    )


def _changed(context: Context, note: Journal) -> None:
    done = note.finished()
    context.change = done.write(place_of(context))
    context.declared = context.declared.model_copy(update={"alembic_head": note.target})
