"""An environment that is held, on this machine and, where it has parts elsewhere, between them."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automation.errors import Blocked, Busy
from automation.interruption import stop_at_once

if TYPE_CHECKING:
    from automation.context import Context
    from automation.database_lock import DatabaseLock
    from components.contract.desired import DesiredState


def _lost(other: str) -> None:
    with contextlib.suppress(OSError):
        os.write(2, f"\nthe environment's lock was lost to another deployment: {other}\n".encode())
    stop_at_once()


@dataclass
class Hold:
    """What `lock.held` gives. `stack` is unwound when the environment is let go.

    `attempted` is the state that an update began to make real last; `lost` ends this process.
    """

    environment: str
    purpose: str
    stack: contextlib.ExitStack
    lock: "DatabaseLock | None" = None
    attempted: "DesiredState | None" = None
    lost: Callable[[str], None] = _lost
    _doubted: bool = field(default=False, init=False)

    def extend(self, context: "Context") -> None:
        """Hold it between machines too, once its database is known. Raise Busy as `held` does.

        An environment of this machine alone is held by then. Where the database cannot be asked
        that is said: `up` is blocked by it anyway, and a way back must not be.
        """
        if self.lock is not None or context.database is None or not context.engine.care.remote:
            return
        from automation.database_lock import DatabaseLock
        from automation.migrations.connection import Target

        lock = DatabaseLock(
            Target.owner(context.database), self.environment, self.purpose, self.lost
        )
        try:
            lock.take()
        except Busy:
            raise
        except Blocked as error:
            context.events.note(f"held on this machine only: {error.message}")
            self._doubted = True  # by the next time that it can be asked, somebody may have come
            return
        self.lock = lock
        self.stack.callback(lock.close)

    def first(self, context: "Context") -> None:
        """Raise Busy where an environment that was not there has been made by others meanwhile."""
        if context.touched or context.outputs or not context.engine.care.remote:
            return
        if context.engine.outputs():
            raise Busy(
                f"{self.environment} was made by somebody else meanwhile",
                hint=f"Look at it: ./slipway status {self.environment}",
            )

    def confirm(self, context: "Context") -> None:
        """End this process where others have changed the environment since it was declared last.

        They may have held it, and be through, while nothing was heard of this machine for longer
        than the lock's lease. Undoing would undo theirs.
        """
        if self.lock is None:
            return
        self._doubted = self._doubted or not self.lock.unbroken()
        if not self._doubted:
            return
        from components.contract import outputs
        from components.contract.desired import DesiredState

        found = (context.engine.outputs() or {}).get(outputs.STATE)
        recorded = _course(DesiredState.model_validate(found or {}))
        ours = [_course(context.declared), _course(self.attempted or context.declared)]
        if found is None and not context.settled:
            ours.append(recorded)  # an update of ours that was cut short may leave none
        if recorded not in ours:
            self.lost("somebody who is through already")
        self._doubted = False


def _course(state: "DesiredState") -> tuple[object, ...]:
    """Return what whoever changes an environment leaves in its state, come home or not."""
    through = [record.id for record in state.history]
    return state.backend, state.frontend, state.rollout, state.freeze, through


def elsewhere(context: "Context") -> str | None:
    """Return who holds the environment on another machine, if that can be told."""
    if context.database is None or not context.engine.care.remote:
        return None
    from automation import database_lock
    from automation.migrations.connection import Target

    return database_lock.current(Target.owner(context.database))
