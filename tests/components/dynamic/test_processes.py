"""Supervised processes, with the real supervisord."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from pulumi.runtime import rpc

from components.dynamic import programs, supervision
from components.dynamic.processes import ProcessesProvider
from components.dynamic.programs import Program
from tests.components.dynamic.conftest import marked

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("supervisor")]

PROVIDER = ProcessesProvider()
SLEEPER = "import time; print('begun', flush=True); time.sleep(3600)"
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, '-c', {SLEEPER!r}])
{SLEEPER}
"""
Eventually = Callable[[Callable[[], Any]], Any]


def sleeper(code: str = SLEEPER, **environment: str) -> Program:
    return {
        "command": [sys.executable, "-c", code],
        "environment": environment,
        "stop_seconds": 3,
    }


def props(run: Path, group: str, **declared: Program) -> dict[str, Any]:
    return {
        "run": str(run),
        "group": group,
        "programs": json.dumps(declared, sort_keys=True),
        "names": None,
        "stopped": None,
        "stray": None,
    }


def pids(run: Path) -> dict[str, int]:
    return {name: info["pid"] for name, info in supervision.process_infos(run).items()}


@pytest.fixture(scope="module")
def pair(run: Path) -> Iterator[dict[str, Any]]:
    """Two programs of one group that run."""
    made = PROVIDER.create(props(run, "pair", **{"pair-0": sleeper(), "pair-1": sleeper()}))
    yield made.outs
    PROVIDER.delete(made.id, made.outs)
    assert not {"pair-0", "pair-1"} & pids(run).keys()


def test_a_program_sees_its_environment_and_nothing_of_the_drivers(
    run: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    value = 'it\'s "$HOME" `x` %(here)s\nand more'
    code = f"import json, os; print(json.dumps(dict(os.environ)), flush=True); {SLEEPER}"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "sentinel")
    made = PROVIDER.create(props(run, "env", env=sleeper(code, ODD=value)))

    log = programs.log_path(run, "env")
    eventually(lambda: log.read_text().splitlines()[1:])  # then the first line is whole
    seen = json.loads(log.read_text().splitlines()[0])
    PROVIDER.delete(made.id, made.outs)

    assert seen["ODD"] == value
    assert "PULUMI_CONFIG_PASSPHRASE" not in seen
    # with it, nobody finds the secrets that were written down for the program
    assert not list((run / "programs").glob("env.*"))


def test_what_holds_secrets_is_for_its_owner_only(run: Path, pair: dict[str, Any]) -> None:
    assert run.stat().st_mode & 0o077 == 0
    files = list((run / "programs").glob("pair-*"))
    assert len(files) == 4
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_a_killed_process_is_back(run: Path, pair: dict[str, Any], eventually: Eventually) -> None:
    before = pids(run)

    os.kill(before["pair-0"], signal.SIGKILL)

    eventually(lambda: pids(run)["pair-0"] not in (0, before["pair-0"]))
    assert pids(run)["pair-1"] == before["pair-1"]
    eventually(lambda: supervision.process_states(run)["pair-0"] == "RUNNING")


def test_an_update_touches_only_what_differs(run: Path, pair: dict[str, Any]) -> None:
    before = pids(run)
    new = props(run, "pair", **{"pair-0": sleeper(), "pair-1": sleeper(A="1"), "pair-2": sleeper()})

    assert PROVIDER.diff("", pair, new).changes
    after = PROVIDER.update("", pair, new).outs

    assert pids(run)["pair-0"] == before["pair-0"]
    assert pids(run)["pair-1"] != before["pair-1"]
    assert after["names"] == ["pair-0", "pair-1", "pair-2"]
    assert not PROVIDER.diff("", after, new).changes
    back = PROVIDER.update("", after, pair).outs
    assert pids(run).keys() >= {"pair-0", "pair-1"}
    assert "pair-2" not in pids(run)
    assert back["names"] == ["pair-0", "pair-1"]


def test_a_stopped_program_is_seen_and_started_again(run: Path, pair: dict[str, Any]) -> None:
    before = pids(run)
    supervision.connect(run).stopProcess("pair-1")

    seen = PROVIDER.read("id", pair)

    assert seen.id == "id"
    assert seen.outs["stopped"] == ["pair-1"]
    assert PROVIDER.diff("", seen.outs, pair).changes
    PROVIDER.update("", seen.outs, pair)
    assert supervision.process_states(run)["pair-1"] == "RUNNING"
    assert pids(run)["pair-0"] == before["pair-0"]
    assert PROVIDER.read("id", pair).outs["stopped"] == []


def test_an_update_that_was_interrupted_is_seen_and_undone(run: Path, pair: dict[str, Any]) -> None:
    # Another definition had begun: one program is changed, one is new; the state knows neither.
    begun = {"pair-0": sleeper(), "pair-1": sleeper(NEW="1"), "pair-2": sleeper()}
    PROVIDER.update("", pair, props(run, "pair", **begun))
    kept = pids(run)["pair-0"]

    seen = PROVIDER.read("id", pair).outs

    assert (seen["stopped"], seen["stray"]) == (["pair-1"], ["pair-2"])
    assert PROVIDER.diff("", seen, pair).changes
    PROVIDER.update("", seen, pair)
    after = PROVIDER.read("id", pair).outs
    assert (after["stopped"], after["stray"]) == ([], [])
    assert "pair-2" not in pids(run)
    assert pids(run)["pair-0"] == kept


def test_a_creation_that_was_interrupted_leaves_nothing_once_it_is_done_again(run: Path) -> None:
    PROVIDER.create(props(run, "twice", **{"twice-0": sleeper(), "twice-1": sleeper()}))

    made = PROVIDER.create(props(run, "twice"))

    assert not {"twice-0", "twice-1"} & pids(run).keys()
    PROVIDER.delete(made.id, made.outs)


def test_a_program_that_dies_is_reported_with_the_end_of_its_log_and_nothing_is_left(
    run: Path,
) -> None:
    dying: Program = {
        "command": ["/bin/sh", "-c", "echo cannot reach the moon with $TOKEN; exit 1"],
        "environment": {"TOKEN": "sentinel-europa"},
    }

    with pytest.raises(RuntimeError) as died:
        PROVIDER.create(props(run, "dying", well=sleeper(), ill=dying))

    assert "ill started and died" in str(died.value)
    assert "    cannot reach the moon with REDACTED" in str(died.value)
    assert not {"well", "ill"} & pids(run).keys()
    assert not [path for name in ("well", "ill") for path in (run / "programs").glob(f"{name}.*")]


def test_the_children_of_a_program_end_with_it(run: Path, eventually: Eventually) -> None:
    made = PROVIDER.create(props(run, "family", family=sleeper(PARENT)))
    parent = psutil.Process(pids(run)["family"])
    children = eventually(parent.children)
    assert len(children) == 1

    PROVIDER.delete(made.id, made.outs)

    assert not parent.is_running()
    assert not children[0].is_running()


def test_a_group_of_which_nothing_runs_is_gone(run: Path) -> None:
    assert PROVIDER.read("id", props(run, "none", none=sleeper())).id == ""
    assert PROVIDER.read("id", props(run, "empty")).id == "id"


def test_groups_that_start_at_the_same_time_do_not_disturb_each_other(run: Path) -> None:
    wanted = [props(run, f"many-{n}", **{f"many-{n}": sleeper()}) for n in range(6)]

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(PROVIDER.create, wanted))
        states = supervision.process_states(run)
        list(pool.map(lambda each: PROVIDER.delete(each.id, each.outs), made))

    assert all(states[f"many-{n}"] == "RUNNING" for n in range(6))
    assert not [name for name in pids(run) if name.startswith("many")]


def test_without_a_supervisor_nothing_is_claimed(tmp_path: Path) -> None:
    nowhere = tmp_path / "run"
    old = {**props(nowhere, "g", a=sleeper()), "stopped": []}

    assert PROVIDER.read("id", old).id == ""
    with pytest.raises(RuntimeError, match=r"the supervisor in .* does not answer"):
        PROVIDER.create(props(nowhere, "g", a=sleeper()))
    with pytest.raises(RuntimeError, match="`slipway up`, sees what is gone"):
        PROVIDER.update("", old, props(nowhere, "g", a=sleeper(A="1")))
    PROVIDER.delete("id", old)


def test_unknown_inputs_in_a_preview_are_a_change_but_no_replacement(run: Path) -> None:
    old = {**props(run, "g"), "stopped": []}

    diff = PROVIDER.diff("", old, {**old, "run": rpc.UNKNOWN, "programs": rpc.UNKNOWN})

    assert (diff.changes, diff.replaces) == (True, [])


def test_another_group_is_replaced_only_once_the_old_one_is_gone(run: Path) -> None:
    diff = PROVIDER.diff("", props(run, "one"), props(run, "two"))

    assert diff.replaces == ["group"]
    assert diff.delete_before_replace


def test_the_mark_finds_every_process_of_the_folder(run: Path, pair: dict[str, Any]) -> None:
    assert set(pids(run).values()) <= set(marked(run))


def test_a_section_that_goes_while_the_folder_is_read_is_no_program(run: Path) -> None:
    (run / "programs").mkdir(exist_ok=True)
    (run / "programs" / "gone.conf").symlink_to(run / "programs" / "removed-meanwhile")

    assert programs.present(run, "backend-blue") == {}
