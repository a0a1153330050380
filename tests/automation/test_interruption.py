import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from automation import sessions
from automation.errors import Interrupted
from automation.home import PROJECT
from automation.interruption import SIGNALS, STOPPED, Interruption
from automation.polling import SystemClock, wait_until

each_signal = pytest.mark.parametrize("number", SIGNALS)


@pytest.fixture(autouse=True)
def terminal(capfd):
    """The hang-up of a terminal makes the process leave it: not the one that runs the tests."""


def send(number: int) -> None:
    """Send a real signal to this process, and let it arrive."""
    os.kill(os.getpid(), number)
    threading.Event().wait(0.001)


@each_signal
def test_a_signal_interrupts_at_once_where_nothing_is_being_changed(number):
    interruption = Interruption()

    with interruption.handled(), pytest.raises(KeyboardInterrupt):
        send(number)

    assert interruption.cancelled.is_set()


@each_signal
def test_a_signal_during_a_change_waits_for_its_end(number):
    said, done = [], []
    interruption = Interruption(said.append)

    with interruption.handled(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with interruption.shield():
            send(number)
            done.append("the change")
        done.append("what came after it")

    assert done == ["the change"]
    assert "finishing the change under way, then going back" in said[0]


def test_work_on_other_threads_is_told_at_once_during_a_change():
    interruption = Interruption()

    with (  # noqa: PT012
        interruption.handled(),
        pytest.raises(KeyboardInterrupt),
        interruption.shield(),
    ):
        send(signal.SIGINT)
        assert interruption.cancelled.is_set()


def test_only_the_outermost_shield_lets_an_interrupt_through():
    interruption, done = Interruption(), []

    with interruption.handled(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with interruption.shield():
            with interruption.shield():
                send(signal.SIGINT)
            done.append("still shielded")
        done.append("too late")

    assert done == ["still shielded"]


def test_an_interrupt_is_raised_only_once():
    interruption = Interruption()

    with interruption.handled():
        with pytest.raises(KeyboardInterrupt), interruption.shield():
            send(signal.SIGINT)
        interruption.check()


@each_signal
def test_a_second_signal_stops_at_once_even_during_a_change(number):
    stopped = []
    interruption = Interruption(stop=lambda: stopped.append("at once"))

    with interruption.handled(), pytest.raises(KeyboardInterrupt), interruption.shield():  # noqa: PT012
        send(number)
        assert stopped == []
        send(number)
        assert stopped == ["at once"]


def test_a_second_signal_stops_the_way_back_as_well():
    stopped = []
    interruption = Interruption(stop=lambda: stopped.append("at once"))

    with interruption.handled():
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
        interruption.taken()
        send(signal.SIGINT)

    assert stopped == ["at once"]


@each_signal
def test_on_the_way_back_from_a_failure_a_first_signal_is_noted_and_cancels_nothing(number):
    said, stopped = [], []
    interruption = Interruption(said.append, lambda: stopped.append("at once"))

    with interruption.handled():
        interruption.taken()
        send(number)

    assert not interruption.cancelled.is_set()
    assert "ending already" in said[0]
    assert stopped == []


def test_a_signal_while_the_report_is_written_is_noted_though_there_was_one_before():
    said, stopped = [], []
    interruption = Interruption(said.append, lambda: stopped.append("at once"))

    with interruption.handled():
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)
        interruption.concluding()
        send(signal.SIGINT)

    assert len(said) == 1
    assert stopped == []


def test_a_listener_whose_reader_is_gone_does_not_stop_the_way_back():
    def gone(_text: str) -> None:
        raise BrokenPipeError

    interruption = Interruption(gone)

    with interruption.handled():
        interruption.taken()
        send(signal.SIGTERM)


def test_a_hang_up_that_is_ignored_as_under_nohup_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption().handled():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


STOP = """
import os, signal, subprocess, sys
from automation import sessions
from automation.interruption import Interruption
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
interruption = Interruption()
with interruption.handled(), sessions.under_way(child.pid, signal.SIGINT), interruption.shield():
    os.kill(os.getpid(), signal.SIGINT)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    print("not reached", flush=True)
"""


def test_stopped_at_once_it_says_what_is_next_and_tells_what_it_started_to_end():
    done = subprocess.run(
        [sys.executable, "-c", STOP],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == Interrupted.exit_code
    assert done.stderr.strip().splitlines() == [f"interrupted: {STOPPED.strip()}"]
    child = int(done.stdout)
    gone = SystemClock()
    assert wait_until(
        lambda: not psutil.pid_exists(child) or not sessions.runs(psutil.Process(child)),
        accept=bool,
        deadline=gone.time() + 20,
        clock=gone,
    )


def test_a_change_that_fails_during_an_interrupt_says_why_and_not_that():
    interruption = Interruption()

    with (  # noqa: PT012
        interruption.handled(),
        pytest.raises(ValueError, match="why"),
        interruption.shield(),
    ):
        send(signal.SIGINT)
        raise ValueError("why")


def test_the_handlers_of_before_are_there_again_afterwards():
    before = [signal.getsignal(number) for number in SIGNALS]

    with Interruption().handled():
        assert [signal.getsignal(number) for number in SIGNALS] != before

    assert [signal.getsignal(number) for number in SIGNALS] == before
