import signal
import subprocess
import sys

import psutil
import pytest

from automation import sessions
from automation.polling import SystemClock, wait_until

PARENT = """
import subprocess, sys
child = subprocess.Popen(["sleep", "600"], process_group=0)
print(child.pid, flush=True)
child.wait()
"""


def started(code: str = PARENT) -> tuple["subprocess.Popen[str]", psutil.Process]:
    """A session whose leader has a child in a process group of its own, as plugins are."""
    leader = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert leader.stdout is not None
    return leader, psutil.Process(int(leader.stdout.readline()))


def gone(process: psutil.Process) -> bool:
    clock = SystemClock()
    return wait_until(
        lambda: not sessions.runs(process),
        accept=bool,
        deadline=clock.time() + 20,
        clock=clock,
        every=0.02,
    )


def test_a_child_is_found_and_ended_though_the_leader_was_killed():
    leader, child = started()
    leader.kill()
    leader.wait()

    assert sessions.members(leader.pid) == [child]
    sessions.end(sessions.members(leader.pid))

    assert gone(child)
    assert sessions.members(leader.pid) == []


def test_one_that_ended_and_was_not_waited_for_does_not_run():
    leader, child = started()
    process = psutil.Process(leader.pid)
    leader.kill()

    assert gone(process)
    assert process.is_running()
    leader.wait()
    sessions.end([child])


def test_one_that_ignores_the_polite_signal_is_killed():
    code = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
signal.pause()
"""
    leader, process = started(code)

    sessions.end([process])

    assert leader.wait() == -signal.SIGKILL


def test_what_is_abandoned_is_told_in_its_own_way_and_not_waited_for():
    leader, child = started()

    with sessions.under_way(leader.pid, signal.SIGINT):
        sessions.abandon()

    assert leader.wait() in (-signal.SIGINT, 1, 130)
    assert child.is_running()  # a plugin ends with its engine, by itself
    sessions.end([child])


def test_what_is_not_under_way_any_more_is_not_abandoned():
    other = subprocess.Popen(["sleep", "600"], start_new_session=True)
    with sessions.under_way(other.pid, signal.SIGTERM):
        pass

    sessions.abandon()

    other.kill()
    assert other.wait() == -signal.SIGKILL, "no signal came before this one"


@pytest.mark.parametrize("number", sessions.SIGNALS)
def test_a_signal_that_comes_while_something_is_started_arrives_when_it_is_known(number):
    happened = []
    before = signal.signal(number, lambda *_: happened.append("signal"))
    try:
        with sessions.starting():
            signal.raise_signal(number)
            happened.append("started")
    finally:
        signal.signal(number, before)

    assert happened == ["started", "signal"]


def test_signals_that_come_while_a_start_fails_arrive_all_the_same():
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append("signal"))
    try:
        with pytest.raises(FileNotFoundError), sessions.starting():  # noqa: PT012
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            raise FileNotFoundError
    finally:
        signal.signal(signal.SIGINT, before)

    assert heard == ["signal", "signal"]


def test_a_signal_that_is_ignored_stays_so_while_something_is_started():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with sessions.starting():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
