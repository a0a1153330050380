"""The lock between machines, on a real PostgreSQL, with processes that share nothing else."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from automation.database_lock import DatabaseLock
from automation.errors import Blocked, Busy
from automation.holder import owner
from automation.home import PROJECT
from automation.migrations.connection import Target
from tests.doubles.clock import FakeClock
from tests.doubles.postgres import PORT, Postgres
from tests.integration.driver import eventually

HOLDS = """
import sys
from automation.database_lock import DatabaseLock
from automation.migrations.connection import Target

target = Target(host=sys.argv[1], port=int(sys.argv[2]), name="postgres", user="postgres",
                password="", sslmode="disable")
DatabaseLock(target, "production", "slipway up production", print).take()
print("held", flush=True)
sys.stdin.read()
"""
FAST, NEVER = 0.05, 3600.0


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture
def target(server: Postgres) -> Target:
    return Target(server.host, PORT, "postgres", server.user, "", "disable")


@contextlib.contextmanager
def another(target: Target) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the lock until it ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, target.host, str(target.port)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def taken(
    target: Target, lost: list[str] | None = None, *, heartbeat: float = FAST, lease: int = 90
) -> Iterator[DatabaseLock]:
    told = lost if lost is not None else []
    purpose = "slipway rollback production"
    lock = DatabaseLock(
        target, "production", purpose, told.append, heartbeat=heartbeat, lease=lease
    )
    lock.take()
    try:
        yield lock
    finally:
        lock.close()


def test_who_comes_second_is_told_who_holds_it_with_which_process_and_since_when(target: Target):
    with another(target) as first:
        with pytest.raises(Busy) as refused, taken(target):
            pass

        told = f"production is being deployed elsewhere: slipway up by {owner()}, process "
        assert f"{told}{first.pid}, since 20" in refused.value.message


def test_it_dies_with_its_owner_however_that_ends(target: Target):
    with another(target) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()

        def free() -> bool:
            with contextlib.suppress(Busy), taken(target):
                return True
            return False

        eventually(free, bool, what="the lock is free")


def test_it_is_given_up_and_taken_again(target: Target):
    for _ in range(2):
        with taken(target):
            pass


def sessions(target: Target) -> list[int]:
    """Return the server's processes of the lock's holders."""
    with target.connect(called="a test") as connection:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'slipway %'"
        return [row[0] for row in connection.execute(query)]


def cut(target: Target) -> int:
    """End the session of the lock's holder as a restore does, and return its process."""
    (pid,) = sessions(target)
    with target.connect(called="a test") as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    return pid


def test_a_connection_that_was_cut_is_made_again_and_holds_it_again(target: Target):
    with taken(target):
        before = cut(target)

        eventually(lambda: sessions(target), lambda now: now not in ([], [before]), what="again")
        with pytest.raises(Busy), taken(target):
            pass


def test_who_lost_it_to_somebody_faster_is_told(target: Target):
    lost: list[str] = []
    with taken(target, lost, heartbeat=NEVER) as lock:
        cut(target)

        with another(target) as faster:
            lock.beat()

    assert f"process {faster.pid}" in lost[0]


def test_who_had_it_without_a_break_knows_that_nobody_else_did(target: Target):
    with taken(target, heartbeat=NEVER) as lock:
        assert lock.unbroken()
        assert lock.unbroken()


def test_who_got_it_again_is_told_once_that_somebody_may_have_had_it(target: Target):
    with taken(target, heartbeat=NEVER) as lock:
        cut(target)
        with another(target):
            pass

        def alone() -> bool:
            query = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
            with target.connect(called="a test") as connection:
                return connection.execute(query).fetchone() is None

        eventually(alone, bool, what="the other one is through")
        assert not lock.unbroken()
        assert lock.unbroken()
        with pytest.raises(Busy), taken(target):
            pass


def test_a_heartbeat_that_found_the_break_first_does_not_hide_it(target: Target):
    with taken(target, heartbeat=NEVER) as lock:
        cut(target)
        lock.beat()

        assert not lock.unbroken()


def test_who_is_not_heard_from_loses_it_though_his_connection_stands(target: Target):
    with taken(target, heartbeat=NEVER, lease=1):
        eventually(lambda: sessions(target), lambda left: left == [], what="the lease is over")

        with taken(target):
            pass


def test_a_database_that_cannot_be_asked_is_no_owner(tmp_path):
    nobody = Target(str(tmp_path), PORT, "postgres", "postgres", "", "disable")

    with pytest.raises(Blocked) as refused:
        DatabaseLock(nobody, "production", "slipway up production", print, clock=FakeClock()).take()

    assert not isinstance(refused.value, Busy)
