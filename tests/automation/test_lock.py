import contextlib
import fcntl
import os
import subprocess
import sys

import pytest

from automation import lock
from automation.errors import Blocked, Busy
from automation.holder import owner
from automation.home import PROJECT
from tests.doubles.clock import FakeClock

HOLD = """
import sys
from pathlib import Path
from automation.lock import held
with held(Path(sys.argv[1]), "staging", "slipway up staging"):
    print("held", flush=True)
    input()
"""


@contextlib.contextmanager
def another_process(folder):
    """A process that holds the lock until it is told to end, or killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate("\n")


def test_a_second_process_is_refused_and_told_who_is_deploying(tmp_path):
    purpose = "slipway rollback staging"
    with (
        another_process(tmp_path) as first,
        pytest.raises(Busy) as refused,
        lock.held(tmp_path, "staging", purpose),
    ):
        pytest.fail("two processes hold the lock")

    assert refused.value.exit_code == 4
    told = refused.value.message
    assert owner() in told
    assert f"process {first.pid}, `slipway up staging`" in told


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    with another_process(tmp_path) as first:
        first.kill()
        first.wait()

        with lock.held(tmp_path, "staging", "slipway up staging"):
            owner = lock.current(tmp_path)

    assert owner is not None
    assert str(os.getpid()) in owner


def test_the_lock_is_free_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), lock.held(tmp_path, "staging", "up"):
        raise ZeroDivisionError

    with lock.held(tmp_path, "staging", "up"):
        pass


def test_the_current_owner_is_known_while_there_is_one(tmp_path):
    assert lock.current(tmp_path) is None
    with another_process(tmp_path) as process:
        assert f"process {process.pid}" in lock.current(tmp_path)

    assert lock.current(tmp_path) is None
    assert lock.current(tmp_path / "never deployed") is None


def test_two_environments_do_not_wait_for_each_other(tmp_path):
    with lock.held(tmp_path / "a", "staging", "up"), lock.held(tmp_path / "b", "production", "up"):
        owners = [lock.current(tmp_path / name) for name in ("a", "b")]

    assert None not in owners


def test_a_lock_file_that_says_nothing_yet_is_no_defect(tmp_path):
    with lock.held(tmp_path, "staging", "up"):
        (tmp_path / "lock").write_text("")

        with (
            pytest.raises(Busy, match="somebody who has only just begun"),
            lock.held(tmp_path, "staging", "up"),
        ):
            pass


def test_the_owner_is_the_pipeline_where_there_is_one(monkeypatch):
    monkeypatch.delenv("CI_JOB_ID", raising=False)
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    monkeypatch.setenv("GITHUB_ACTOR", "ada")

    assert owner() == "ada (CI run 77)"


class WhileItWaits(FakeClock):
    """A clock that lets something happen while somebody waits."""

    def __init__(self, happen) -> None:
        super().__init__()
        self.happen = happen

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.happen()


def test_somebody_who_only_asks_who_is_deploying_does_not_stop_a_deployment(tmp_path):
    (tmp_path / "lock").touch()
    asking = (tmp_path / "lock").open("r")
    fcntl.flock(asking, fcntl.LOCK_SH)
    clock = WhileItWaits(asking.close)

    with lock.held(tmp_path, "staging", "up", clock):
        assert clock.slept


def test_what_the_last_owner_wrote_is_not_told_of_one_that_has_not_written_yet(tmp_path):
    with another_process(tmp_path) as first:
        text = (tmp_path / "lock").read_text()
        first.kill()
        first.wait()
    with lock.held(tmp_path, "staging", "up"):
        (tmp_path / "lock").write_text(text)  # as if this one were just between two lines

        assert lock.current(tmp_path) == lock.UNKNOWN
        assert lock.holder(tmp_path) is None


def test_an_owner_leaves_no_name_behind(tmp_path):
    with lock.held(tmp_path, "staging", "up"):
        assert owner() in (tmp_path / "lock").read_text()

    assert owner() not in (tmp_path / "lock").read_text()


def test_a_lock_whose_file_is_deleted_while_it_is_held_is_held_all_the_same(tmp_path):
    with another_process(tmp_path):
        (tmp_path / "lock").unlink()

        assert lock.current(tmp_path) == lock.UNKNOWN
        with (
            pytest.raises(Busy, match="somebody who has only just begun"),
            lock.held(tmp_path, "staging", "up"),
        ):
            pytest.fail("two processes hold the lock")


def test_a_folder_that_cannot_be_written_to_is_no_defect(tmp_path):
    (tmp_path / "file").touch()

    with (
        pytest.raises(Blocked, match="staging cannot be locked") as refused,
        lock.held(tmp_path / "file" / "staging", "staging", "up"),
    ):
        pytest.fail("held")

    assert not isinstance(refused.value, Busy)
    assert str(tmp_path / "file") in refused.value.message


def test_the_holder_is_known_in_parts(tmp_path):
    with lock.held(tmp_path, "staging", "slipway up staging"):
        holder = lock.holder(tmp_path)

    assert (holder.owner, holder.pid, holder.purpose) == (
        owner(),
        os.getpid(),
        "slipway up staging",
    )
    assert lock.holder(tmp_path) is None


def test_a_name_that_cannot_be_read_is_nobodys(tmp_path):
    with lock.held(tmp_path, "staging", "up"):
        for text in ("", "{", "[1]", '{"owner": "ada"}'):
            (tmp_path / "lock").write_text(text)
            assert lock.current(tmp_path) == lock.UNKNOWN
