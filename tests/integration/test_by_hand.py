"""`staging`, beside `development` of the same installation, is changed by `pulumi` alone."""

import contextlib
import hashlib
import os
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from components.contract.outputs import RELEASE_HEADER, RUN_MARK
from components.dynamic import supervision
from tests.integration.driver import eventually, listening
from tests.integration.people import Person, visitor
from tests.integration.tiny import checkout

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("todo")]
STAGING = "staging"


LOCAL = """\
config:
  slipway:application: examples/todo
  slipway:backendReplicas: 2
"""


def checked_in(folder: Path) -> dict[str, str]:
    files = [*folder.glob("Pulumi*.yaml"), *folder.glob("*.py")]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def staging(todo):
    """The installation, with the same application in `staging` as well: here, and nowhere else."""
    project = checkout(todo.slipway.folder / "checkout")
    (project / f"Pulumi.{STAGING}.yaml").write_text(LOCAL)
    here = replace(todo.slipway, checkout=project)
    files, beside = checked_in(project), here.programs(todo.environment)
    done = here("up", STAGING, "--app", todo.application).ok()
    assert "backend unchanged, frontend unchanged" in done.stderr, "it was built already"
    yield here
    if STAGING in here.environments():
        here("destroy", STAGING, "--yes").ok()
    assert here.programs(todo.environment) == beside, "development was disturbed"
    assert checked_in(project) == files, "a file of the checkout was written to"


def test_two_environments_have_nothing_in_common(todo, staging):
    development, other = staging.outputs("development"), staging.outputs(STAGING)
    with visitor(development) as here, visitor(other) as there:
        Person.registered(here).add("Only in development")

        assert there.get("/api/ready").json()["status"] == "ready"
        assert Person.registered(there).tasks() == []

    assert development["public_url"] != other["public_url"]
    secrets = [staging.outputs(name, secrets=True)["secrets"] for name in ("development", STAGING)]
    assert not set(secrets[0].values()) & set(secrets[1].values())


def test_after_up_a_preview_by_hand_is_clean_and_up_changes_nothing(staging):
    before, outputs = staging.programs(STAGING), staging.outputs(STAGING)

    staging.pulumi(STAGING, "preview", "--expect-no-changes", "-s", STAGING).ok()
    staging.pulumi(STAGING, "up", "--yes", "--expect-no-changes", "-s", STAGING).ok()

    assert staging.programs(STAGING) == before
    assert staging.outputs(STAGING) == outputs


def test_refresh_sees_a_dead_slot_as_gone_and_up_brings_it_back(staging):
    outputs = staging.outputs(STAGING)
    slot = next(s for s, held in outputs["state"]["backend"].items() if held["weight"] == 100)
    before = staging.programs(STAGING)
    dead = [name for name in before if name.startswith(f"backend-{slot}-")]
    for name in dead:
        supervision.connect(staging.run_folder(STAGING)).stopProcess(name)

    refreshed = staging.pulumi(STAGING, "refresh", "--yes", "-s", STAGING, "--color", "never").ok()
    seen = staging.pulumi(STAGING, "preview", "--expect-no-changes", "-s", STAGING)
    staging.pulumi(STAGING, "up", "--yes", "-s", STAGING).ok()

    assert f"backend-{slot}" in refreshed.stdout
    assert "1 deleted" in refreshed.stdout
    assert seen.code != 0, "a preview after that is not clean"
    after = staging.programs(STAGING)
    assert len(dead) == 2
    assert all(after[name] not in (0, before[name]) for name in dead)
    assert {k: v for k, v in before.items() if k not in dead}.items() <= after.items()
    with visitor(outputs) as client:
        served = eventually(
            lambda: client.get("/api/ready"), lambda answer: answer.status_code == 200, what="ready"
        )
    assert served.headers[RELEASE_HEADER] == outputs["state"]["backend"][slot]["release"]


def test_everything_that_died_with_its_supervisor_is_back_with_its_data(staging):
    outputs = staging.outputs(STAGING)
    with visitor(outputs) as client:
        person = Person.registered(client)
        person.add("Remember me")
    run = staging.run_folder(STAGING)
    os.kill(int((run / "supervisor.pid").read_text()), signal.SIGKILL)
    eventually(lambda: not supervision.answers(run), what="the supervisor dies")

    staging.pulumi(STAGING, "refresh", "--yes", "-s", STAGING).ok()
    staging.pulumi(STAGING, "up", "--yes", "-s", STAGING).ok()

    with visitor(outputs) as client:
        eventually(lambda: client.get("/api/ready").status_code, lambda c: c == 200, what="ready")
        assert Person(client, person.token).tasks() == ["Remember me"]
    running = [int(pid) for pid in staging.programs(STAGING).values()]
    marked = [p for p in staging.processes() if _run(p) == str(run)]
    strays = [p for p in marked if p.pid not in running and not _ours({p.pid}, running, run)]
    assert strays == [], "what the dead supervisor had started is gone"


def test_destroy_leaves_nothing_behind(staging):
    run = staging.run_folder(STAGING)
    ports = listening(p for p in staging.processes() if _run(p) == str(run))
    assert len(ports) >= 5, "Envoy's, Postgres's and those of the replicas"

    staging.pulumi(STAGING, "destroy", "--yes", "-s", STAGING).ok()

    assert [p for p in staging.processes() if _run(p) == str(run)] == []
    assert ports & listening(psutil.process_iter()) == set()
    assert not supervision.socket_path(run).exists()
    # What is left for the driver is to forget that there ever was such an environment.
    staging("destroy", STAGING, "--yes").ok()
    assert STAGING not in staging.environments()
    left = [p for p in (staging.home / STAGING).rglob("*") if p.is_file()]
    assert [p for p in left if p.suffix in (".sh", ".conf", ".pem")] == []
    assert not (staging.home / STAGING / "postgres").exists()


def _run(process: psutil.Process) -> str | None:
    with contextlib.suppress(psutil.Error):
        return process.environ().get(RUN_MARK)
    return None


def _ours(pids: set[int], running: list[int], run: Path) -> bool:
    """Tell whether processes descend from what the supervisor of a run folder started."""
    supervisor = int((run / "supervisor.pid").read_text())
    known = {supervisor, *running}
    try:
        return all(
            known & {pid, *(parent.pid for parent in psutil.Process(pid).parents())} for pid in pids
        )
    except psutil.NoSuchProcess:  # one that ended while its parents were looked for
        return False
