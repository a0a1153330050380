"""A way through the revisions, one at a time, so that each has its timing and its locks."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from automation.databases import schema
from automation.databases.base import Roles
from automation.migrations.alembic import Alembic
from automation.migrations.patience import Patience, lock_timeout

if TYPE_CHECKING:
    from automation.migrations.executed import Executed
    from automation.migrations.plan import PlannedRevision


@dataclass(frozen=True)
class Leg:
    """One revision to apply; `lock_seconds` is its own patience for a lock, if it has one.

    A `transactional` one leaves nothing behind where it fails.
    """

    revision: str
    lock_seconds: float | None = None
    transactional: bool = False

    @classmethod
    def of(cls, planned: "PlannedRevision") -> "Leg":
        """Return a planned revision as it is applied."""
        own = planned.marker.lock_timeout_seconds
        return cls(planned.id, own, transactional=planned.upgrade.transactional)


@dataclass(frozen=True)
class Move:
    """The revisions to apply, oldest first, to a database at `before` (None: at no revision)."""

    legs: tuple[Leg, ...]
    before: str | None

    @property
    def target(self) -> str:
        """Return the revision that it ends at."""
        return self.legs[-1].revision

    @property
    def back(self) -> str:
        """Return what Alembic calls the revision that it starts at."""
        return self.before or "base"


@dataclass(frozen=True)
class Gone:
    """How it went: seconds of each revision, and how often one was tried again for a lock.

    `executed` is what each revision did, where somebody watched.
    """

    seconds: Mapping[str, float]
    retries: int
    executed: "Mapping[str, Executed]" = field(default_factory=dict)


def forward(
    alembic: Alembic,
    roles: Roles,
    move: Move,
    patience: Patience,
    watch: Path | None = None,
) -> Gone:
    """Apply the revisions one by one. Raise DeploymentFailed.

    `watch` is a folder for what is executed to be written to; nobody watches where it is None.
    """
    seconds: dict[str, float] = {}
    done: dict[str, Executed] = {}
    retries = 0
    for number, leg in enumerate(move.legs, start=1):
        patience.progress(f"{leg.revision}, {number} of {len(move.legs)}")
        began = time.monotonic()
        answer = watch / f"{number}.json" if watch is not None else None
        retries += _one(alembic, roles, leg, patience, answer)
        seconds[leg.revision] = time.monotonic() - began
        if answer is not None:
            from automation.migrations import executed  # parsing SQL takes a while to load

            done[leg.revision] = executed.read(answer, alembic.clean)
    return Gone(seconds, retries, done)


def _one(alembic: Alembic, roles: Roles, leg: Leg, patience: Patience, witness: Path | None) -> int:
    """Apply one revision; return how often that was tried again for a lock."""
    before = None if leg.transactional else schema.dump(roles.admin)
    with lock_timeout(roles.owner, leg.lock_seconds or patience.seconds):
        return patience.keep_trying(
            lambda: alembic.upgrade(roles.owner, leg.revision, witness),
            lambda: before is None or schema.dump(roles.admin) == before,
        )


def backward(alembic: Alembic, roles: Roles, revision: str, patience: Patience) -> float:
    """Take the revisions back down to one (`base` for none); return the seconds it took."""
    began = time.monotonic()
    before = schema.dump(roles.admin)
    with lock_timeout(roles.owner, patience.seconds):
        patience.keep_trying(
            lambda: alembic.downgrade(roles.owner, revision),
            lambda: schema.dump(roles.admin) == before,
        )
    return time.monotonic() - began
