"""Rehearse a migration on a copy of the real data: up, down, and up again."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from automation.databases import content, schema
from automation.databases.base import Roles
from automation.databases.content import Content
from automation.errors import DeploymentFailed
from automation.migrations.alembic import Alembic
from automation.migrations.move import Move, backward, forward
from automation.migrations.patience import Patience
from automation.migrations.verification import invalid

if TYPE_CHECKING:
    from automation.migrations.executed import Executed


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What the copy showed.

    `seconds` of each revision, `schema_after` the migrated schema, `rows` the change in the number
    of rows of each table. `downgrade_problem` is None where the way back works; `difference` is
    what it leaves changed, `lossy` has the tables whose rows are others then than they were.
    `upgraded` tells whether the copy is at the new revision now. `executed` is what each revision
    really did.
    """

    seconds: Mapping[str, float]
    schema_after: str
    rows: Mapping[str, int]
    downgrade_seconds: float | None = None
    downgrade_problem: str | None = None
    difference: tuple[str, ...] = ()
    lossy: tuple[str, ...] = ()
    invalid: frozenset[str] = frozenset()
    upgraded: bool = True
    executed: "Mapping[str, Executed]" = field(default_factory=dict)


def rehearse(
    alembic: Alembic, copy: Roles, move: Move, patience: Patience, held: Content
) -> Rehearsal:
    """Run the migration on a copy, which holds `held`.

    Raise DeploymentFailed where it does not even go up.
    """
    counted = held.rows
    with tempfile.TemporaryDirectory(prefix="slipway-executed-") as folder:
        gone = forward(alembic, copy, move, patience, Path(folder))
    after, rows = schema.dump(copy.admin), content.row_counts(copy.admin)
    changed = {
        table: rows.get(table, 0) - counted.get(table, 0)
        for table in sorted({*rows, *counted})
        if rows.get(table, 0) != counted.get(table, 0)
    }
    seen = Rehearsal(
        seconds=gone.seconds,
        schema_after=after,
        rows=changed,
        invalid=invalid(copy.admin),
        executed=gone.executed,
    )
    return _down_and_up(alembic, copy, move, patience, seen, held)


def _down_and_up(
    alembic: Alembic, copy: Roles, move: Move, patience: Patience, seen: Rehearsal, held: Content
) -> Rehearsal:
    try:
        took = backward(alembic, copy, move.back, patience)
    except DeploymentFailed as failed:
        return replace(seen, downgrade_problem=_told(failed), upgraded=False)
    found = content.observe(copy.admin, like=held)
    seen = replace(seen, downgrade_seconds=took, lossy=_changed(held, found))
    difference = schema.difference(held.schema, found.schema)
    if difference:
        problem = "the downgrade leaves another schema than there was"
        seen = replace(seen, downgrade_problem=problem, difference=difference)
    try:
        alembic.upgrade(copy.owner, move.target)
    except DeploymentFailed as failed:
        problem = seen.downgrade_problem or f"not up again after the downgrade: {_told(failed)}"
        return replace(seen, downgrade_problem=problem, upgraded=False)
    again = schema.difference(seen.schema_after, schema.dump(copy.admin))
    if again:
        problem = seen.downgrade_problem or "up, down and up again is another schema than up"
        seen = replace(seen, downgrade_problem=problem, difference=difference or again)
    return replace(seen, upgraded=not again)


def _changed(held: Content, found: Content) -> tuple[str, ...]:
    return tuple(
        name
        for name, table in held.tables.items()
        if name != schema.BOOKKEEPING and found.tables.get(name) != table
    )


def _told(failed: DeploymentFailed) -> str:
    return f"{failed.message}: {' '.join(failed.details)[-300:]}"
