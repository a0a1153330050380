"""The supervisor itself: it is adopted by nobody and leaves nothing."""

import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from components.dynamic import supervision
from components.dynamic.processes import ProcessesProvider
from components.dynamic.supervisor import SupervisorProvider
from tests.components.dynamic.conftest import marked

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("supervisor")]

PROVIDER = SupervisorProvider()


def start_a_program(run: Path) -> int:
    program = {"command": [sys.executable, "-c", "import time; time.sleep(3600)"]}
    declared = {"run": str(run), "group": "g", "programs": json.dumps({"sleeper": program})}
    ProcessesProvider().create(declared)
    pid: int = supervision.process_infos(run)["sleeper"]["pid"]
    return pid


def test_it_outlives_its_death_and_leaves_nothing_at_the_end(tmp_path: Path) -> None:
    run = tmp_path / "run"
    made = PROVIDER.create({"run": str(run)})
    assert PROVIDER.read(made.id, made.outs).id == str(run)
    orphan = psutil.Process(start_a_program(run))

    os.kill(int((run / "supervisor.pid").read_text()), signal.SIGKILL)
    supervision.settle(lambda: not supervision.answers(run), "it is dead")
    assert PROVIDER.read(made.id, made.outs).id == ""
    assert orphan.is_running()
    made = PROVIDER.create({"run": str(run)})

    assert not orphan.is_running()
    assert supervision.process_states(run) == {}
    # The same with one that runs: a state that was lost knows nothing of what it runs.
    unknown = psutil.Process(start_a_program(run))
    made = PROVIDER.create({"run": str(run)})
    assert not unknown.is_running()
    assert supervision.process_states(run) == {}

    PROVIDER.delete(made.id, made.outs)

    assert marked(run) == []
    assert [path.name for path in run.iterdir()] == ["logs"]
    assert not supervision.socket_path(run).exists()
    PROVIDER.delete(made.id, made.outs)


def test_a_path_that_is_too_long_for_a_socket_gets_a_shorter_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 80) / "run"

    assert supervision.socket_path(deep) == supervision.socket_path(deep)
    assert len(str(supervision.socket_path(deep))) < supervision.SOCKET_PATH_LIMIT
    assert supervision.socket_path(deep) != supervision.socket_path(deep / "other")


def test_another_folder_is_another_supervisor() -> None:
    assert PROVIDER.diff("", {"run": "/a"}, {"run": "/b"}).replaces == ["run"]
    assert not PROVIDER.diff("", {"run": "/a"}, {"run": "/a"}).changes
