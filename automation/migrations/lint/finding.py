"""Findings: what a statement does to those who use the database, and what to do instead."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["lock", "rewrite", "drop", "narrow", "data", "unsafe"]
Blocked = Literal["reads and writes", "writes", "schema changes"]

BLOCKS: dict[str, Blocked] = {
    "ACCESS EXCLUSIVE": "reads and writes",
    "EXCLUSIVE": "writes",
    "SHARE ROW EXCLUSIVE": "writes",
    "SHARE": "writes",
    "ROW EXCLUSIVE": "writes",
    "SHARE UPDATE EXCLUSIVE": "schema changes",
}
"""What each lock mode keeps waiting: https://www.postgresql.org/docs/18/explicit-locking.html.

ROW EXCLUSIVE blocks no other writer of the table, but the rows that it changed stay locked.
"""


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock on a table. `seconds` is how long it is held; None where nobody knows.

    They are an estimate from the table's size until the rehearsal has `measured` the revision.
    """

    mode: str
    seconds: float | None
    measured: bool = False

    @property
    def blocks(self) -> Blocked:
        """Return what waits meanwhile."""
        return BLOCKS.get(self.mode, "writes")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a revision does.

    `incompatible`: the old release may not work with the schema afterwards. `impossible`:
    PostgreSQL refuses the statement. `allowed`: the revision's marker allows the rule. `held`: the
    revision is contracting, and is applied when the old release is gone. `rows` and `bytes` are
    the table's before the migration, estimated by the server; None where there is no such table.
    """

    rule: str
    kind: Kind
    revision: str
    message: str
    instead: str
    statement: str = ""
    table: str | None = None
    rows: int | None = None
    bytes: int | None = None
    lock: Lock | None = None
    incompatible: bool = False
    impossible: bool = False
    allowed: bool = False
    held: bool = False
    sources: tuple[str, ...] = ("slipway",)
