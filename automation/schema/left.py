"""What a dead driver has left to be known of its change of the schema, perhaps elsewhere."""

import contextlib
from pathlib import Path

from automation.context import Context
from automation.errors import Blocked, DeploymentFailed
from automation.migrations import journal, leftovers
from automation.migrations.alembic import Alembic
from automation.migrations.journal import Journal
from automation.migrations.returning import Before
from automation.schema.means import alembic_of, place_of, platform_of
from automation.specification.recorded import recorded
from components.contract.desired import Rollout
from components.contract.release import Release


def change(context: Context, rollout: Rollout | None) -> Journal | None:
    """Return what is known of the last change; None where there is none to take back.

    `rollout` is the one that was left unfinished. Raise Blocked where the database cannot be
    asked, and that rollout is one that changes the schema.
    """
    try:
        note = journal.read(place_of(context))
    except Blocked:
        if _changes(context, rollout):
            raise
        return None
    if rollout is None or rollout.restores is None:
        return note
    known = note is not None and note.belongs_to(rollout.deployment)
    return note if known else _restore(context, rollout, rollout.restores)


def alembic(context: Context, note: Journal) -> tuple[Alembic | None, DeploymentFailed | None]:
    """Return what runs the revisions of a change; else what is missing for that on this machine.

    Nothing is missing where Alembic's way back is not to be taken anyway.
    """
    maker = context.declared.releases.get(note.maker) or context.live.releases.get(note.maker)
    if maker is None or maker.backend is None or context.address is None:
        return None, None
    with contextlib.suppress(Blocked):
        if Path(maker.backend.path).exists():
            return alembic_of(context, maker, recorded(maker)), None
    wanted = note.downgrade and not note.lossy
    return None, _absent(maker, note) if wanted else None


def _changes(context: Context, rollout: Rollout | None) -> bool:
    """Tell whether a rollout is between two schemas, as far as the state says."""
    if rollout is None:
        return False
    releases = {**context.declared.releases, **context.live.releases}
    target, back = releases.get(rollout.target), releases.get(rollout.back_to or "")
    return target is None or target.alembic_head != (back.alembic_head if back else None)


def _restore(context: Context, rollout: Rollout, backup: str) -> Journal:
    """Return what is known of a restore that has taken along what was written down of it."""
    platform = platform_of(context)
    platform.mend()  # which waits for a restore that is under way still
    saved = platform.find(backup)
    if saved is None:
        raise Blocked(
            f"{rollout.deployment} was cut off while it restored a backup of the database, and "
            f"{backup}, which it made before that, is gone",
            hint="See docs/runbook.md, The schema could not be brought back; nothing was changed.",
        )
    # Nothing counts as new: by its objects alone nothing is to be removed.
    there = leftovers.objects(platform.roles.admin)
    target = context.declared.releases.get(rollout.target)
    return Journal(
        deployment=rollout.deployment,
        phase="changing",
        before=Before(saved.revision, saved.content.schema, there),
        target=target.alembic_head if target else None,
        maker=rollout.target,
        serving=rollout.back_to,
        tolerated=False,
        downgrade=False,
        lossy=True,
        backup=saved.id,
        action="restore",
    )


def _absent(maker: Release, note: Journal) -> DeploymentFailed:
    verb = "downgrade" if note.action == "upgrade" else "upgrade"
    commit = f"its commit {maker.commit}" if maker.commit else "its sources"
    return DeploymentFailed(
        f"the schema has to go back to {note.before.revision or 'base'} by the revisions of "
        f"{maker.id}, whose artifact is not on this machine",
        hint=f"Run the command where it was built. Else check {commit} out, run `alembic {verb} "
        f"{note.before.revision or 'base'}` on the database as its owner (docs/runbook.md, The "
        "database by hand), and run the command again.",
    )
