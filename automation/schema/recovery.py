"""Put the schema right for the release that serves: after a failure, and after a driver's death."""

from automation.context import Context
from automation.declare import settle
from automation.errors import Blocked
from automation.homeward import traffic_back
from automation.migrations import journal
from automation.migrations.connection import Target
from automation.migrations.journal import Journal
from automation.migrations.lock import migration_lock
from automation.migrations.orphans import end_sessions
from automation.migrations.returning import is_back
from automation.migrations.revision import current
from automation.schema import facts, first, left
from automation.schema.change import take_back
from automation.schema.means import holder, place_of, platform_of
from automation.standing import standing
from automation.validation import database
from components.contract.desired import Rollout
from components.contract.release import SERVICES


def undo(context: Context) -> None:
    """Bring the schema back for the old release, unless that is known to live with the new one.

    Called before the slots are put back. Raise DeploymentFailed where it fails.
    """
    note = context.change
    if note is None or not _must_go_back(context, note):
        return
    if note.tolerated is None and _runs_still(context):
        # Both have run on it until now, so the new one need not fail in front of users.
        before = traffic_back(context.declared, context.live)
        if before is not None:
            settle(context, before, "traffic back before the schema")
    taken_back(context, note)
    facts.awaiting(context)


def _runs_still(context: Context) -> bool:
    """Tell whether the old release has its replicas: else it would start on the new schema."""
    return all(
        context.declared.service(name).slot(slot).replicas
        for name in SERVICES
        if (slot := context.live.service(name).live()) is not None
    )


def recover(context: Context, rollout: Rollout | None) -> None:
    """Bring the schema to a known state where the driver that changed it has died.

    Called before the slots are put back; `rollout` is the one that was left unfinished. A change
    that was finished and belongs to no such rollout is left alone.
    """
    if context.database is None:
        return
    note = left.change(context, rollout)
    unfinished = rollout is not None and note is not None and note.belongs_to(rollout.deployment)
    if note is None or (not unfinished and note.phase == "changed"):
        _learned(context, note)
        return
    _listening(context)
    platform = platform_of(context)
    platform.mend()
    end_sessions(platform.roles.owner)
    context.address = context.address or context.live.address
    if is_back(platform.roles.admin, note.before):
        journal.forget(place_of(context))
        context.events.note(f"schema: as it was before {note.deployment}, which was cut off")
        head = note.before.revision
    elif note.phase == "changed" and not _must_go_back(context, note):
        if note.serving is not None:
            context.events.note(f"schema: {note.serving} lives with {note.target}, which stays")
        head = note.target
    else:
        context.events.note(
            f"deployment {note.deployment} was cut off while the schema was at or on its way to "
            f"{note.target}: back to {note.before.revision or 'none'} first"
        )
        taken_back(context, note)
        head = note.before.revision
    context.live = context.live.model_copy(update={"alembic_head": head})


def _learned(context: Context, note: Journal | None) -> None:
    """Take in where the schema is if its change was finished, and nobody could say so."""
    assert context.database is not None
    live = context.live.live_release()
    known = {note.target if note else None, live.alembic_head if live else None} - {None}
    if known <= {context.live.alembic_head}:
        return
    try:
        found = current(Target.owner(context.database))
    except Blocked:
        return  # where it must answer, somebody says why it does not
    if found in known:
        context.live = context.live.model_copy(update={"alembic_head": found})


def take_over(context: Context, rollout: Rollout) -> None:
    """Make the change of a rollout that is gone on with this deployment's own.

    Else nobody would take it back where the rollout fails after all.
    """
    place = place_of(context)
    note = journal.read(place)
    if note is None or note.phase != "changed" or not note.belongs_to(rollout.deployment):
        return
    context.change = note.taken_over(context.deployment, rollout.deployment).write(place)
    context.backup = context.backup or note.backup


def _listening(context: Context) -> None:
    assert context.database is not None
    if database.listens(context.database):
        return
    context.events.note("the database does not listen: starting what was declared first")
    try:
        settle(context, standing(context), "bring the database back")
    finally:
        context.touched = False  # what is declared is what was: there is nothing to undo


def _must_go_back(context: Context, note: Journal) -> bool:
    """Tell whether the release that serves needs the schema as it was.

    Unknown is a reason where that costs nothing: by a downgrade that loses no row. Where none
    serves, that is so while only the migration has written.
    """
    if note.serving is None:
        return first.untouched(context, note)
    if note.tolerated:
        return False
    return note.tolerated is False or (note.downgrade and not note.lossy)


def taken_back(context: Context, note: Journal) -> None:
    """Bring the schema back to where a change began. Raise DeploymentFailed where that fails."""
    platform = platform_of(context)
    alembic, absent = left.alembic(context, note)
    saved = platform.find(note.backup) if note.backup else None
    with migration_lock(platform.roles.owner, holder(context)):
        take_back(context, platform, alembic, note, saved, absent)
