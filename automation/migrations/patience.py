"""Locks: a migration waits a little for one, lets go, and tries again a little later."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg import sql

from automation.migrations.alembic import LockTimedOut
from automation.migrations.connection import Target
from automation.polling import Clock, SystemClock

FIRST_SECONDS = 1.0
MOST_SECONDS = 20.0


def jitter() -> float:
    """Return a factor from 0.5 to 1.5, so that two who wait do not meet again and again."""
    return random.uniform(0.5, 1.5)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a lock, in seconds, and how often to try again."""

    seconds: float = 5.0
    retries: int = 5
    clock: Clock = field(default_factory=SystemClock)
    factor: Callable[[], float] = jitter
    progress: Callable[[str], None] = lambda _text: None

    def keep_trying(self, work: Callable[[], None], unchanged: Callable[[], bool]) -> int:
        """Do the work until it gets its locks; return how often it was tried again.

        Raise LockTimedOut after the last try, and at once where a try has left something behind,
        as one outside a transaction may.
        """
        for attempt in range(self.retries + 1):
            try:
                work()
            except LockTimedOut:
                if attempt == self.retries or not unchanged():
                    raise
                pause = min(FIRST_SECONDS * 2**attempt, MOST_SECONDS) * self.factor()
                self.progress(
                    f"somebody holds a lock that the migration needs: letting go for "
                    f"{pause:.1f} s, then try {attempt + 2} of {self.retries + 1}"
                )
                self.clock.sleep(pause)
            else:
                return attempt
        raise AssertionError("the loop returns or raises")


@contextmanager
def lock_timeout(owner: Target, seconds: float) -> Iterator[None]:
    """Have every connection of a role to its database give up waiting for a lock.

    On the server, since not every driver that Alembic may use reads PGOPTIONS (asyncpg does not).
    Only migrations use this role; one whose driver was killed leaves it like this, harmlessly.
    """
    role, database = sql.Identifier(owner.user), sql.Identifier(owner.name)
    setting = sql.SQL("ALTER ROLE {} IN DATABASE {} SET lock_timeout = {}")
    reset = sql.SQL("ALTER ROLE {} IN DATABASE {} RESET lock_timeout")
    with owner.connect() as connection:
        milliseconds = sql.Literal(f"{round(seconds * 1000)}ms")
        connection.execute(setting.format(role, database, milliseconds))
    try:
        yield
    finally:
        with owner.connect() as connection:
            connection.execute(reset.format(role, database))
