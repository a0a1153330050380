"""Bring a schema back to where it was: nothing to do, downgrade, clear away, or restore."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from automation.databases import schema
from automation.databases.base import Backup, DatabasePlatform
from automation.errors import DeploymentFailed, SlipwayError
from automation.migrations import leftovers
from automation.migrations.connection import Target
from automation.migrations.losses import Losses, lost
from automation.migrations.orphans import end_sessions
from automation.migrations.revision import current


@dataclass(frozen=True)
class Before:
    """The schema as it was: its revision, its normalised text, and all of its objects."""

    revision: str | None
    schema: str
    objects: Collection[leftovers.Object]

    @classmethod
    def of(cls, admin: Target) -> "Before":
        """Look at a schema."""
        return cls(current(admin), schema.dump(admin), leftovers.objects(admin))


@dataclass(frozen=True)
class Returned:
    """How the schema came back. `lost` is None unless a backup was restored."""

    how: str
    restored: bool = False
    lost: Losses | None = None


def is_back(admin: Target, before: Before) -> bool:
    """Tell whether the schema is as it was."""
    return current(admin) == before.revision and schema.dump(admin) == before.schema


def bring_back(
    platform: DatabasePlatform,
    before: Before,
    *,
    move: Callable[[str | None], None] | None,
    backup: Backup | None,
    aside: str,
    absent: DeploymentFailed | None = None,
) -> Returned:
    """Bring the schema back, by what loses least; whatever is tried is compared afterwards.

    `move` runs Alembic to a revision (None: to none), in whichever direction it is. Raise
    DeploymentFailed where nothing helps: what is there then is said. `absent` is raised where a
    restore would lose rows which a `move` that cannot be made here would not.
    """
    admin = platform.roles.admin
    end_sessions(platform.roles.owner)
    if is_back(admin, before):
        return Returned("the schema was never changed")
    moved = _moved(admin, before, move)
    if is_back(admin, before):
        return Returned(f"Alembic took it back to {before.revision or 'no revision'}")
    # Where no table was before, none of what is new has rows of anybody's that were there.
    was_empty = not any(kind == "table" for kind, _ in before.objects)
    removes = was_empty or current(admin) == before.revision
    dropped = leftovers.remove(admin, before.objects) if removes else []
    if is_back(admin, before):
        return Returned(f"what was left half done is removed: {', '.join(dropped)}")
    if backup is not None:
        return _restored(platform, backup, aside, absent)
    needs = (absent.message, absent.hint) if absent is not None else ()
    raise DeploymentFailed(
        f"the schema of {admin.name} is not as it was, and there is no backup: it had no data",
        details=(*needs, *moved, *schema.difference(before.schema, schema.dump(admin))),
        hint="Mend it by hand, or `./slipway destroy` and deploy again: no data is lost.",
    )


def _restored(
    platform: DatabasePlatform, backup: Backup, aside: str, absent: DeploymentFailed | None
) -> Returned:
    with platform.copy(backup) as copy:
        losses = lost(platform.roles.admin, copy.admin)
    if absent is not None and losses.written:
        absent.details = (f"{backup.id} is not restored, as it would lose rows: {losses.told()}",)
        raise absent
    where = platform.restore(backup, aside)
    return Returned(
        f"{backup.id} is restored; what it replaced is in {where}; {losses.told()}",
        restored=True,
        lost=losses,
    )


def _moved(
    admin: Target, before: Before, move: Callable[[str | None], None] | None
) -> tuple[str, ...]:
    if move is None or current(admin) == before.revision:
        return ()
    try:
        move(before.revision)
    except SlipwayError as failed:
        return (failed.message, *failed.details)
    return ()
