import os
import signal
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from automation import leftovers, sessions
from automation.home import PROJECT
from automation.polling import SystemClock, wait_until
from components.contract.outputs import RUN_MARK

DRIVER = """
import subprocess, sys
from pathlib import Path
from automation import leftovers
leftovers.sign(Path(sys.argv[1]))
child = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, start_new_session=True)
print(child.pid, flush=True)
sys.stdin.read()
"""


def eventually(look: Callable[[], bool]) -> None:
    clock = SystemClock()
    assert wait_until(look, accept=bool, deadline=clock.time() + 60, clock=clock, every=0.01)


def begun(process: psutil.Process) -> None:
    """Wait until a process is seen to be what it was started as: at its start nothing is."""
    eventually(lambda: bool(process.environ()) and bool(process.cmdline()))


@pytest.fixture
def left(tmp_path):
    """Start a command by a driver that is killed then: `left(*command)` is the command's process.

    With `alive` the driver goes on.
    """
    drivers, children = [], []

    def start(*command: str, alive: bool = False, folder=tmp_path) -> psutil.Process:
        driver = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(folder), *command],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert driver.stdout is not None
        children.append(psutil.Process(int(driver.stdout.readline())))
        drivers.append(driver)
        begun(children[-1])
        if not alive:
            driver.kill()
            driver.wait()
        return children[-1]

    yield start
    sessions.end(children)
    for driver in drivers:
        driver.kill()
        driver.communicate()


def test_what_a_killed_driver_has_left_is_ended(left, tmp_path):
    process, told = left("sleep", "600"), []
    assert leftovers.found(tmp_path) == [process]

    leftovers.end(tmp_path, told.append)

    assert not sessions.runs(process)
    assert told == ["ending what a driver left: sleep"]


def test_what_a_driver_that_lives_has_started_is_left_alone(left, tmp_path):
    process, told = left("sleep", "600", alive=True), []

    leftovers.end(tmp_path, told.append)

    assert sessions.runs(process)
    assert told == []


def test_what_belongs_to_another_environment_is_left_alone(left, tmp_path):
    process = left("sleep", "600", folder=tmp_path / "elsewhere")

    leftovers.end(tmp_path, lambda _text: None)

    assert sessions.runs(process)


def test_what_has_no_mark_does_not_count_such_as_what_the_supervisor_runs(left, tmp_path):
    process = left("env", "-i", f"{RUN_MARK}={tmp_path}/run", "/bin/sleep", "600")
    eventually(lambda: process.name() == "sleep")  # until then it is `env`, which has it

    assert leftovers.found(tmp_path) == []


PRETENDS = """
import pathlib, signal, time
signal.signal(signal.SIGINT, {handler})
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
pathlib.Path({ready!r}).touch()
signal.sigwait([signal.SIGUSR1])
time.sleep(0.3)
pathlib.Path({finished!r}).touch()
"""


@pytest.fixture
def updating(left, tmp_path):
    """An engine at work on an update that its driver left; SIGUSR1 lets it finish."""

    def start(handler: str = "signal.SIG_DFL") -> psutil.Process:
        program, ready, finished = (tmp_path / name for name in ("pulumi", "ready", "finished"))
        program.symlink_to(sys.executable)
        code = PRETENDS.format(handler=handler, ready=str(ready), finished=str(finished))
        process: psutil.Process = left(str(program), "-c", code, "up")
        eventually(ready.exists)
        return process

    return start


def test_an_update_that_outlived_its_driver_is_waited_for(updating, tmp_path):
    process, told = updating(), []
    assert leftovers.updating(tmp_path) == process

    def tell(text: str) -> None:
        told.append(text)
        process.send_signal(signal.SIGUSR1)

    leftovers.end(tmp_path, tell)

    assert not sessions.runs(process)
    assert (tmp_path / "finished").exists()
    assert len(told) == 1
    assert f"process {process.pid}" in told[0]
    assert "is finishing" in told[0]


def test_an_update_that_takes_too_long_is_interrupted(updating, tmp_path):
    process, told = updating(), []

    leftovers.end(tmp_path, told.append, patience=0.3)

    assert not sessions.runs(process)
    assert "takes too long: interrupting it" in told[-1]


def test_an_update_that_cannot_be_interrupted_is_killed(updating, tmp_path):
    process, told = updating("signal.SIG_IGN"), []

    leftovers.end(tmp_path, told.append, patience=0.3, interrupt=0.3)

    assert not sessions.runs(process)
    assert "ending what a driver left" in told[-1]


def test_a_preview_is_not_waited_for(left, tmp_path):
    program = tmp_path / "pulumi"
    program.symlink_to(sys.executable)
    process = left(str(program), "-c", "import signal; signal.pause()", "preview")

    leftovers.end(tmp_path, lambda _text: None)

    assert not sessions.runs(process)


def test_the_mark_is_carried_where_an_environment_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.delenv(leftovers.MARK, raising=False)
    assert leftovers.carried() == {}

    monkeypatch.setenv(leftovers.MARK, "")
    leftovers.sign(tmp_path)

    assert leftovers.carried()[leftovers.MARK].startswith(f"{os.getpid()}:")
    assert leftovers.found(tmp_path) == []
