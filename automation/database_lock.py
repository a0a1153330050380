"""The environment's lock between machines: a session of its own database (see ADR 9).

PostgreSQL frees it with the connection, and ends a session from which nothing was heard for
LEASE_SECONDS: it dies with its owner, process or machine. Nothing is written, nothing is left.
"""

import contextlib
import os
import threading
from collections.abc import Callable

import psycopg

from automation.errors import Blocked, Busy
from automation.holder import owner
from automation.migrations.connection import Target
from automation.migrations.lock import HOLDER, NAME_BYTES
from automation.polling import Clock, SystemClock, wait_until

KEY = int.from_bytes(b"slip-env", "big")
"""The advisory lock's number; that of migrations is another one."""
LEASE_SECONDS = 90
HEARTBEAT_SECONDS = 20.0
"""Also keeps a database awake that sleeps when nobody asks: it would forget its sessions."""
PATIENCE_SECONDS = 20.0
"""A database that sleeps needs some seconds to be asked."""
CLOSING_SECONDS = 30.0
"""A connection is given up by then, and a new one refused: see migrations/connection.py."""


class DatabaseLock:
    """Held from `take` to `close`. `lost` is called, on a thread, where somebody else has it now.

    That can only be where the connection was cut, as a restore of the database does, or nothing
    was heard of this machine, and somebody was faster than the heartbeat. Whether somebody had it
    and has let go of it again, only what they did can tell: see `unbroken`.
    """

    def __init__(
        self,
        target: Target,
        environment: str,
        purpose: str,
        lost: Callable[[str], None],
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
        lease: int = LEASE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._target, self._environment, self._lost = target, environment, lost
        verb = purpose.removesuffix(f" {environment}")
        name = f"{verb} by {owner()}, process {os.getpid()}".encode()[:NAME_BYTES]
        self._name = name.decode(errors="ignore")
        self._heartbeat, self._lease = heartbeat, lease
        self._clock = clock or SystemClock()
        self._connection: psycopg.Connection | None = None
        self._closing, self._beating = threading.Event(), threading.Lock()
        self._broken = False
        self._thread = threading.Thread(target=self._keep, name="lock", daemon=True)

    def take(self) -> None:
        """Take the lock. Raise Busy, naming the owner, where somebody else has it.

        Raise Blocked where the database cannot be asked.
        """
        self._connection = self._connected()
        try:
            other = self._locked(self._connection)
        except psycopg.Error as error:
            raise Blocked(f"the lock of {self._environment} cannot be asked for: {error}") from None
        if other is not None:
            self._connection.close()
            raise Busy(f"{self._environment} is being deployed elsewhere: {other}")
        self._thread.start()

    def beat(self) -> None:
        """Be heard of, and take the lock again where the connection was cut."""
        with self._beating:
            self._beat()

    def unbroken(self) -> bool:
        """Tell whether nobody else can have had the lock since this was last true."""
        # Asked now: who was suspended may be faster than the heartbeat, which may hang as well.
        if not self._beating.acquire(timeout=CLOSING_SECONDS):
            return False
        try:
            self._beat()
            broken, self._broken = self._broken, False
        finally:
            self._beating.release()
        return not broken

    def close(self) -> None:
        """Give the lock up; what does not answer is left to end with this process."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_SECONDS)
        if self._connection is not None and not self._thread.is_alive():
            # Not by the connection's end alone, which a busy server gets to a while later.
            with contextlib.suppress(psycopg.Error):
                self._connection.execute("SELECT pg_advisory_unlock(%s)", (KEY,))
            self._connection.close()

    def _beat(self) -> None:
        try:
            assert self._connection is not None
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            self._broken = True
            self._again()

    def _connected(self) -> psycopg.Connection:
        failed: list[Blocked] = []

        def attempt() -> psycopg.Connection | None:
            try:
                return self._target.connect(called=self._name)
            except Blocked as error:
                failed.append(error)
                return None

        found = wait_until(
            attempt,
            accept=lambda connection: connection is not None,
            deadline=self._clock.time() + PATIENCE_SECONDS,
            clock=self._clock,
            every=1.0,
        )
        if found is None:
            raise failed[-1]
        return found

    def _locked(self, connection: psycopg.Connection) -> str | None:
        """Lock, and return None; or return who holds it."""
        connection.execute(f"SET idle_session_timeout = '{self._lease}s'")
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,)).fetchone()
        if row is not None and row[0]:
            return None
        return _named(connection) or "somebody who has only just ended; try again"

    def _keep(self) -> None:
        while not self._closing.wait(self._heartbeat):
            self.beat()

    def _again(self) -> None:
        # Where the database is not there at all, nobody else can take the lock either.
        with contextlib.suppress(Blocked, psycopg.Error):
            connection = self._target.connect(called=self._name)
            other = self._locked(connection)
            if other is not None:
                connection.close()
                self._closing.set()
                self._lost(other)
                return
            self._connection = connection


def current(target: Target) -> str | None:
    """Return who holds the lock now; None where nobody does, or the database cannot be asked."""
    with contextlib.suppress(Blocked, psycopg.Error), target.connect() as connection:
        return _named(connection)
    return None


def _named(connection: psycopg.Connection) -> str | None:
    row = connection.execute(HOLDER, (KEY,)).fetchone()
    return f"{row[0] or 'somebody without a name'}, since {row[2]}" if row else None
