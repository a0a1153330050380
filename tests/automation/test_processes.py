import os
import signal
import subprocess
import threading
from itertools import count
from pathlib import Path

import psutil
import pytest

from automation import processes, sessions
from automation.errors import Interrupted
from automation.interruption import Interruption


def run(script: str, tmp_path: Path, **options):
    return processes.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, env=processes.environment(), **options
    )


def is_alive(pid: int) -> bool:
    try:
        return sessions.runs(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def test_output_reaches_the_listener_the_log_and_the_tail(tmp_path):
    lines, log = [], tmp_path / "log"

    finished = run("seq 1 5; exit 3", tmp_path, on_line=lines.append, log=log, keep=2)

    assert finished.code == 3
    assert lines == ["1", "2", "3", "4", "5"]
    assert log.read_text().split() == lines
    assert finished.tail == ("4", "5")


def test_a_last_line_without_an_end_and_bytes_that_are_no_text_are_kept(tmp_path):
    finished = run(r"printf 'a\rb\n\377tail'", tmp_path)

    assert finished.tail == ("a", "b", "\ufffdtail")


def test_a_cancelled_command_leaves_no_process_of_its_group(tmp_path):
    cancelled, pids = threading.Event(), []

    def started(line: str) -> None:
        pids.append(int(line))
        cancelled.set()

    with pytest.raises(Interrupted):
        run("sleep 600 & echo $!; wait", tmp_path, on_line=started, cancelled=cancelled)

    assert pids
    assert not is_alive(pids[0])


def test_a_command_interrupted_while_it_is_started_leaves_no_process(tmp_path, monkeypatch):
    pids = []

    class Slow(subprocess.Popen):
        """Gives a signal the time to come between a program's start and the news of it."""

        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            pids.append(self.pid)
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(0.001)

    monkeypatch.setattr(subprocess, "Popen", Slow)

    with Interruption().handled(), pytest.raises(KeyboardInterrupt):
        run("sleep 600", tmp_path)

    [pid] = pids
    assert not is_alive(pid)


def test_a_command_that_takes_too_long_is_killed(tmp_path):
    ticks = count(step=10)

    with pytest.raises(processes.TimedOut, match="longer than 30 s"):
        run("sleep 600", tmp_path, timeout=30, clock=lambda: float(next(ticks)))


def test_a_command_that_ignores_the_polite_signal_is_killed(tmp_path):
    cancelled, pids = threading.Event(), []

    def started(line: str) -> None:
        pids.append(int(line))
        cancelled.set()

    with pytest.raises(Interrupted):
        run(
            "trap '' TERM; echo $$; while :; do sleep 0.1; done",
            tmp_path,
            on_line=started,
            cancelled=cancelled,
            grace=0.2,
        )

    assert not is_alive(pids[0])


def test_a_child_that_keeps_the_output_open_does_not_keep_the_build_waiting(tmp_path):
    finished = run("sleep 600 & echo $!", tmp_path)

    assert finished.code == 0
    assert not is_alive(int(finished.tail[0]))


def test_a_command_that_closes_its_output_is_still_waited_for(tmp_path):
    finished = run("exec >&- 2>&-; sleep 0.2; exit 4", tmp_path)

    assert finished.code == 4


def test_only_what_a_build_may_see_is_passed_on(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sentinel")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "sentinel")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")

    passed = processes.environment({"NODE_ENV": "production"})

    assert "sentinel" not in passed.values()
    assert passed["PIP_INDEX_URL"] == "https://index.example/simple"
    assert passed["NODE_ENV"] == "production"
    assert passed["PATH"] == os.environ["PATH"]
