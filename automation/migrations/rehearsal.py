"""Rehearse a migration on a copy of the real data: up, down, and up again."""

import time
from dataclasses import dataclass

from automation.errors import DeploymentFailed
from automation.migrations.alembic import Alembic
from automation.migrations.connection import Target


@dataclass(frozen=True)
class Rehearsal:
    """What the copy showed. `downgrade_problem` is None where the way back works."""

    seconds: float
    downgrade_problem: str | None


def rehearse(alembic: Alembic, copy: Target, before: str | None) -> Rehearsal:
    """Run the migration on a copy. Raise DeploymentFailed where it does not even go up."""
    began = time.monotonic()
    alembic.upgrade(copy)
    seconds = time.monotonic() - began
    try:
        alembic.downgrade(copy, before or "base")
        alembic.upgrade(copy)
    except DeploymentFailed as failed:
        return Rehearsal(seconds, f"{failed.message}: {' '.join(failed.details)[-300:]}")
    return Rehearsal(seconds, None)
