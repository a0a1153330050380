"""The rehearsal of a deployment: the migration on a copy, then the old release on that."""

from automation.context import Context
from automation.databases.base import Backup, DatabasePlatform
from automation.migrations.alembic import Alembic
from automation.migrations.move import Move, forward
from automation.migrations.patience import Patience
from automation.migrations.rehearsal import Rehearsal, rehearse
from automation.migrations.tolerance import Tolerance
from automation.schema import facts, means
from components.contract.release import Release


def rehearsed(
    context: Context,
    platform: DatabasePlatform,
    alembic: Alembic,
    move: Move,
    tried: Release | None,
    patience: Patience,
    saved: Backup,
) -> tuple[Rehearsal, Tolerance]:
    """Rehearse a move on a copy of a backup, and try a release on the result.

    Raise DeploymentFailed where the move does not even go up.
    """
    context.events.progress("rehearsing on the copy: up, down, up")
    tolerance = Tolerance(None, "nothing is live that could be tried")
    with platform.copy(saved) as copy:
        rehearsal = rehearse(alembic, copy, move, patience, saved.content)
        if tried is not None and rehearsal.upgraded:
            context.events.progress(f"does {tried.id} live with the new schema?")
            tolerance = means.tried(context, tried, copy)
            if tolerance.tolerated is False and rehearsal.downgrade_problem is None:
                # A release that fails on its own schema too fails here for another reason.
                alembic.downgrade(copy.owner, move.back)
                control = means.tried(context, tried, copy)
                if control.tolerated is not True:
                    told = f"{tried.id} cannot be judged here: {control.reason}"
                    tolerance = Tolerance(None, told, control.checks)
    if tried is not None and not rehearsal.upgraded:
        # The downgrade has spoilt the copy: a new one is only brought up.
        with platform.copy(saved) as copy:
            forward(alembic, copy, move, patience)
            tolerance = means.tried(context, tried, copy)
    facts.rehearsed(context, move, rehearsal, tolerance, tried)
    return rehearsal, tolerance
