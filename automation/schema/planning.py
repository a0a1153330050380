"""What will happen to the schema: decided, and told, before anything is touched."""

from typing import TYPE_CHECKING

from automation.context import Context
from automation.errors import Blocked
from automation.migrations.connection import Target
from automation.migrations.losses import lost
from automation.migrations.reversal import Reversal, choose
from automation.migrations.revision import current
from automation.schema import descent
from automation.schema.artifacts import graph_of
from automation.schema.means import alembic_of, platform_of
from automation.specification import migrations
from automation.specification.migrations import Graph

if TYPE_CHECKING:
    from automation.migrations.plan import MigrationPlan


def pending(context: Context, *, downtime: bool) -> tuple[str, ...]:
    """Return the revisions that are to be applied, with the plan of it in the context.

    Raise Blocked for what the policy does not let through, and for a rollback that cannot be.
    """
    if context.action == "rollback":
        context.reversal = _reversal(context)
        if context.reversal.mode != "upgrade":
            return ()
    graph = _graph(context)
    if graph is None:
        return ()
    from automation.migrations.plan import plan_migration  # parsing SQL takes a while to load

    target = context.target()
    context.migration = plan = plan_migration(
        graph,
        alembic_of(context, target, context.spec()) if target.backend else None,
        Target.owner(context.database) if context.database else None,
        settings=context.settings,
        downtime=downtime,
        live=context.live,
    )
    _told(context, plan)
    return plan.pending


def _graph(context: Context) -> Graph | None:
    found = context.specification
    declared = found.database.migrations if found and found.database else None
    if declared is None:
        return None
    if context.application is None:
        return graph_of(context.target())
    return migrations.revisions(context.application, declared)


def _told(context: Context, plan: "MigrationPlan") -> None:
    if not (plan.now or plan.later):
        return
    if context.folder.is_dir():  # a preview leaves none
        plan.write(context.folder)
    lines = plan.summary()
    if plan.decision.blocked:
        raise Blocked(
            f"the migration is not let through: {plan.decision.reason}",
            details=lines,
            hint="Change the migration as proposed, name the finding in its `allow`, or change "
            "slipway:databasePolicy; nothing was changed.",
        )
    for line in lines:
        context.events.note(line)
    for revision in plan.irreversible:
        note = f"{revision.id} has no way back: {revision.irreversible_because}"
        context.events.note(note)
        context.facts.short_term.append(note)


def _reversal(context: Context) -> Reversal:
    target, database = context.target(), context.database
    if database is None or target.alembic_head is None:
        return Reversal(mode="none", why="the release has no migrations")
    at = current(Target.owner(database))
    if at == target.alembic_head or at is None:
        return Reversal(mode="none", why=f"{target.id} was built for the schema {at}", head=at)
    own = graph_of(target)
    if own is not None and at in own.revisions:
        return Reversal(mode="upgrade", why=f"{target.id} was built for {target.alembic_head}")
    backup = _backup(context, target.alembic_head)
    found = choose(
        context.live,
        target,
        at,
        descent.down(context.live, at, target.alembic_head),
        backup=backup,
        wanted=context.database_mode,
    )
    return _announced(context, found)


def _announced(context: Context, found: Reversal) -> Reversal:
    """Tell what it means. Raise Blocked where rows would be lost and nobody confirmed that."""
    context.events.note(f"schema: {found.mode} ({found.why})")
    for line in found.consequences:
        context.events.note(line)
    if found.mode != "restore":
        return found
    platform = platform_of(context)
    backup = platform.find(found.backup or "")
    assert backup is not None, "it was found when it was chosen"
    with platform.copy(backup) as copy:
        losses = lost(platform.roles.admin, copy.admin)
    context.events.note(f"{backup.id} is of {backup.at}; {losses.told()}")
    if losses.written and not context.confirmed:
        raise Blocked(
            f"{losses.written} rows would be lost: {losses.told()}",
            hint="Say --yes as well to go on all the same; nothing was changed.",
        )
    return found


def _backup(context: Context, head: str) -> str | None:
    platform = platform_of(context)
    for record in reversed(context.live.history):
        found = platform.find(record.backup) if record.backup else None
        if found is not None and found.revision == head:
            return found.id
    return None
