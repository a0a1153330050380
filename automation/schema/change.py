"""Change the schema: backed up, rehearsed, written down, done, verified, or taken back."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from automation.context import Context
from automation.databases import content, schema
from automation.databases.base import Backup, DatabasePlatform
from automation.declare import confirm
from automation.errors import DeploymentFailed, SlipwayError
from automation.migrations import journal, verification
from automation.migrations.alembic import Alembic
from automation.migrations.journal import Journal
from automation.migrations.lock import migration_lock
from automation.migrations.move import Gone, Move, forward
from automation.migrations.patience import Patience
from automation.migrations.rehearsal import Rehearsal
from automation.migrations.returning import Before, bring_back
from automation.migrations.tolerance import Tolerance
from automation.schema import facts
from automation.schema.means import holder, patience_of, place_of, platform_of
from automation.schema.rehearsing import rehearsed
from components.contract.release import Release


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be done: `maker` has the revisions, `serving` must live with the result.

    `suffix` tells the backup from another one of the same deployment. `decided` is told what the
    rehearsal proved, and raises where that is not enough; `about` is called when all of it is
    known and nothing has been done yet.
    """

    move: Move
    maker: Release
    serving: Release | None
    suffix: str = ""
    decided: Callable[[Rehearsal | None, Tolerance], None] = lambda _rehearsal, _tolerance: None
    about: Callable[[Tolerance], None] = lambda _tolerance: None


def apply(context: Context, alembic: Alembic, change: Change) -> None:
    """Bring the schema to the move's target.

    Raise SlipwayError where that fails; the schema is then as it was before.
    """
    platform = platform_of(context)
    with migration_lock(platform.roles.owner, holder(context)):
        platform.mend()
        before = Before.of(platform.roles.admin)
        saved = back_up(context, platform, change.suffix)
        patience = patience_of(context)
        rehearsal, tolerance = None, Tolerance(None, "there was no data to rehearse on")
        if saved is not None:
            rehearsal, tolerance = rehearsed(
                context, platform, alembic, change.move, change.serving, patience, saved
            )
        change.decided(rehearsal, tolerance)
        change.about(tolerance)
        note = _noted(context, change, before, rehearsal, tolerance, saved)
        began = time.monotonic()
        try:
            gone = _done(context, platform, alembic, change.move, patience, rehearsal)
        except BaseException as error:
            context.interruption.taken()  # else the way back would be cancelled as well
            take_back(context, platform, alembic, note, saved)
            # A signal's time is over: what ends the deployment is that it was interrupted.
            raise error from None
        # Without a release that serves, all that is written from here on is a failed one's.
        made = content.observe(platform.roles.admin).tables if note.serving is None else None
        context.change = note.finished(made)
        context.change.write(place_of(context))
        seconds = time.monotonic() - began
    facts.applied(context, change.move, seconds=seconds, retries=gone.retries)


def _noted(
    context: Context,
    change: Change,
    before: Before,
    rehearsal: Rehearsal | None,
    tolerance: Tolerance,
    saved: Backup | None,
) -> Journal:
    """Write down what is about to be done: a killed driver cannot say."""
    confirm(context)
    note = Journal(
        deployment=context.deployment,
        phase="changing",
        before=before,
        target=change.move.target,
        maker=change.maker.id,
        serving=change.serving.id if change.serving else None,
        tolerated=tolerance.tolerated,
        downgrade=rehearsal is None or rehearsal.downgrade_problem is None,
        lossy=rehearsal is not None and bool(rehearsal.lossy),
        backup=saved.id if saved else None,
    )
    return note.write(place_of(context))


def back_up(context: Context, platform: DatabasePlatform, suffix: str = "") -> Backup | None:
    """Make a backup, and put its id on record; None where there is nothing to back up."""
    if not content.row_counts(platform.roles.admin):
        return None
    saved = platform.back_up(f"{context.deployment}{suffix}")
    context.backup = context.backup or saved.id
    facts.backed_up(context, saved)
    return saved


def take_back(
    context: Context,
    platform: DatabasePlatform,
    alembic: Alembic | None,
    note: Journal,
    saved: Backup | None,
    absent: DeploymentFailed | None = None,
) -> None:
    """Bring the schema back to where it was, and say how. Raise DeploymentFailed otherwise.

    `absent` says what is missing for Alembic's way back; it is raised where rows would be lost.
    """
    owner, patience, place = platform.roles.owner, patience_of(context), place_of(context)
    context.events.progress("taking the schema back")

    def move(revision: str | None) -> None:
        assert alembic is not None
        work = alembic.downgrade if note.action == "upgrade" else alembic.upgrade
        patience.keep_trying(lambda: work(owner, revision or "base"), lambda: True)

    try:
        returned = bring_back(
            platform,
            note.before,
            move=move if alembic is not None and not note.lossy else None,
            backup=saved,
            aside=f"{context.deployment}_undone",
            absent=absent,
        )
    except SlipwayError:
        with contextlib.suppress(SlipwayError):
            note.write(place)  # a restore that went wrong may have taken it along
        raise
    journal.forget(place)
    context.change = None
    context.declared = context.declared.model_copy(update={"alembic_head": note.before.revision})
    context.events.note(f"schema: {returned.how}")
    facts.taken_back(context, note.before.revision, returned)


def _done(
    context: Context,
    platform: DatabasePlatform,
    alembic: Alembic,
    move: Move,
    patience: Patience,
    rehearsal: Rehearsal | None,
) -> Gone:
    roles = platform.roles
    context.events.progress(f"migrating to {move.target}")
    if rehearsal is None:
        alembic.upgrade(roles.owner, move.target)
        expected = verification.Expected(move.target, schema.dump(roles.admin), {}, frozenset())
        gone = Gone({}, 0)
    else:
        counted = content.row_counts(roles.admin)
        gone = forward(alembic, roles, move, patience)
        rows = {name: n + rehearsal.rows.get(name, 0) for name, n in counted.items()}
        expected = verification.Expected(
            move.target, rehearsal.schema_after, rows, rehearsal.invalid
        )
    wrong = verification.problems(roles, expected)
    if wrong:
        raise DeploymentFailed(
            "the migrated database is not what the rehearsal made of its copy",
            details=tuple(wrong),
            hint="Did something else change the schema meanwhile?",
        )
    return gone
