"""An environment that is held, on this machine and, where it has parts elsewhere, between them."""

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automation.errors import Blocked, Busy
from automation.interruption import stop_at_once

if TYPE_CHECKING:
    from automation.context import Context
    from automation.database_lock import DatabaseLock


@dataclass
class Hold:
    """What `lock.held` gives. `stack` is unwound when the environment is let go."""

    environment: str
    purpose: str
    stack: contextlib.ExitStack
    lock: "DatabaseLock | None" = None

    def extend(self, context: "Context") -> None:
        """Hold it between machines too, once its database is known. Raise Busy as `held` does.

        An environment of this machine alone is held by then. Where the database cannot be asked
        that is said: `up` is blocked by it anyway, and a way back must not be.
        """
        if self.lock is not None or context.database is None or not context.engine.care.remote:
            return
        from automation.database_lock import DatabaseLock
        from automation.migrations.connection import Target

        lock = DatabaseLock(Target.owner(context.database), self.environment, self.purpose, _lost)
        try:
            lock.take()
        except Busy:
            raise
        except Blocked as error:
            context.events.note(f"held on this machine only: {error.message}")
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


def elsewhere(context: "Context") -> str | None:
    """Return who holds the environment on another machine, if that can be told."""
    if context.database is None or not context.engine.care.remote:
        return None
    from automation import database_lock
    from automation.migrations.connection import Target

    return database_lock.current(Target.owner(context.database))


def _lost(other: str) -> None:
    with contextlib.suppress(OSError):
        os.write(2, f"\nthe environment's lock was lost to another deployment: {other}\n".encode())
    stop_at_once()
