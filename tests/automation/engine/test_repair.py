import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from automation.engine import checkpoint, lock
from automation.engine.environment import EngineEnvironment
from automation.engine.repair import repair
from automation.errors import DeploymentFailed, EngineFailed
from automation.home import Home
from tests.doubles.pulumi import fake_pulumi

URN = "urn:pulumi:staging::slipway::pulumi-python:dynamic/local:Processes::application-backend-blue"
OPERATION = {"resource": {"urn": URN}, "type": "creating"}


def state(*operations: dict) -> str:
    return json.dumps({"version": 3, "checkpoint": {"latest": {"pending_operations": operations}}})


@pytest.fixture
def environment(tmp_path, monkeypatch) -> EngineEnvironment:
    """An engine that exports a state with a pending operation, and writes down what it imports."""
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    exported = json.dumps({"deployment": {"resources": [1], "pending_operations": [OPERATION]}})
    (tmp_path / "exported").write_text(exported)
    script = f"""case "$*" in
*export*) cat {tmp_path}/exported;;
*import*) cat > {tmp_path}/imported;;
esac"""
    return EngineEnvironment(
        home=Home(tmp_path / "home"), stack="staging", tools=fake_pulumi(tmp_path / "bin", script)
    )


@pytest.fixture
def file(environment) -> Path:
    """The engine's file of the stack."""
    path = environment.home.backend / checkpoint.STACKS / "slipway" / "staging.json"
    path.parent.mkdir(parents=True)
    path.write_text(state())
    return path


def locked(environment: EngineEnvironment, pid: int, *, at: datetime | None = None) -> Path:
    folder = environment.home.backend / lock.LOCKS / "organization" / "slipway" / "staging"
    folder.mkdir(parents=True)
    content = {
        "pid": pid,
        "hostname": socket.gethostname(),
        "timestamp": (at or datetime.now(UTC)).isoformat(),
    }
    (folder / "one.json").write_text(json.dumps(content))
    return folder / "one.json"


def dead() -> "subprocess.Popen[bytes]":
    """A process that has ended and that nobody has waited for: it is listed still."""
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process


def test_where_nothing_was_left_nothing_is_done(environment, file, tmp_path):
    before = file.read_text()

    assert repair(environment) == []

    assert file.read_text() == before
    assert not (tmp_path / "imported").exists()


def test_where_nothing_was_ever_deployed_nothing_is_done(environment):
    assert repair(environment) == []


def test_half_done_operations_are_forgotten_and_the_rest_of_the_state_is_kept(
    environment, file, tmp_path
):
    file.write_text(state(OPERATION))

    assert repair(environment) == [
        "an update was killed while it changed application-backend-blue: looking at them again"
    ]

    assert json.loads((tmp_path / "imported").read_text()) == {"deployment": {"resources": [1]}}


def test_what_was_being_made_in_a_cloud_is_named_for_a_person_to_look(environment, file, tmp_path):
    vpc = "urn:pulumi:staging::slipway::slipway:index:Application$aws:ec2/vpc:Vpc::app-net"
    made, changed = ({"resource": {"urn": vpc}, "type": verb} for verb in ("creating", "updating"))
    for operation, told in ((made, 2), (changed, 1)):
        file.write_text(state(operation))
        exported = {"deployment": {"resources": [], "pending_operations": [operation]}}
        (tmp_path / "exported").write_text(json.dumps(exported))

        done = repair(environment)

        assert len(done) == told
        assert ("app-net (aws:ec2/vpc:Vpc) was being made" in done[-1]) is (operation is made)


def test_an_engine_that_does_not_take_the_state_is_told_of(environment, file, tmp_path):
    file.write_text(state(OPERATION))
    fake_pulumi(tmp_path / "bin", "echo 'error: no room' >&2; exit 1")

    with pytest.raises(EngineFailed, match="stack export") as failed:
        repair(environment)

    assert failed.value.details == ("error: no room",)


def test_the_lock_of_an_engine_that_is_dead_is_removed_though_nobody_waited_for_it(
    environment, file
):
    process = dead()
    left = locked(environment, process.pid)

    assert "removed the engine's lock" in repair(environment)[0]

    assert not left.exists()
    process.wait()


def test_the_lock_of_an_engine_at_work_stays(environment, file):
    left = locked(environment, os.getpid())

    assert repair(environment) == []

    assert left.exists()


def test_another_process_that_got_the_number_of_a_dead_one_does_not_hold_its_lock(
    environment, file
):
    left = locked(environment, os.getpid(), at=datetime.now(UTC) - timedelta(days=400))

    repair(environment)

    assert not left.exists()


def test_a_file_that_is_cut_short_is_replaced_by_the_copy_before_it(environment, file):
    file.with_name("staging.json.bak").write_text(state())
    file.write_text(state(OPERATION)[:40])

    assert "staging.json.bak is in its place" in repair(environment)[0]

    assert file.read_text() == state()
    assert file.with_name("staging.json.broken").read_text() == state(OPERATION)[:40]


def test_the_newest_whole_file_of_the_history_is_next(environment, file):
    history = environment.home.backend / checkpoint.HISTORY / "slipway" / "staging"
    history.mkdir(parents=True)
    for number, text in enumerate((state(), json.dumps({"checkpoint": {"latest": {}}}), "{")):
        (history / f"staging-{number}.checkpoint.json").write_text(text)
    file.write_text("")

    assert "staging-1.checkpoint.json is in its place" in repair(environment)[0]


def test_a_state_of_which_no_copy_is_whole_is_left_as_it_is(environment, file):
    file.write_text("{")

    with pytest.raises(DeploymentFailed, match="no copy of it is") as failed:
        repair(environment)

    assert str(file) in failed.value.message
    assert file.read_text() == "{"
