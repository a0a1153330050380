"""Ctrl-C and SIGTERM at every moment: what was live serves, and the next `up` gets home."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from automation.errors import Interrupted
from tests.integration.driver import Ran, eventually
from tests.integration.faults.aftermath import orphans
from tests.integration.tiny import Tiny, assert_refused, plain, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("interruption")]
SLOW = """\
smoke:
  - name: it takes its time
    category: integration
    steps:
"""
STEP = "      - { request: GET /api/slow, expect: { json: { greeting: hello } } }\n"
SECONDS = 20


@pytest.fixture(scope="module")
def installed() -> Iterator[Tiny]:
    with tiny() as made:
        yield made


@pytest.fixture
def never_live(installed: Tiny) -> Iterator[Tiny]:
    """Nothing was ever live, and nothing is afterwards. These tests come first."""
    reset(installed)
    yield installed
    found = installed.status()
    assert found["release"] is None
    assert found["unfinished"] is None
    assert orphans(installed) == []


@dataclass(frozen=True)
class Before:
    """What is live before the deployments that are interrupted, and after each of them."""

    tiny: Tiny
    release: str
    programs: dict[str, int]


@pytest.fixture(scope="module")
def before(installed: Tiny) -> Before:
    """The next deployment after all the interrupted ones: it gets home."""
    reset(installed)
    assert "Deployed" in installed("up", "development").ok().stdout
    release = installed.status()["release"]
    return Before(installed, release, installed.slipway.programs("development"))


@pytest.fixture
def live(before: Before) -> Iterator[Tiny]:
    """A release that serves, and that must serve from the same processes afterwards."""
    reset(before.tiny)
    yield before.tiny
    before.tiny.serves(before.release)
    assert before.tiny.slipway.programs("development") == before.programs
    assert orphans(before.tiny) == []


def reset(installed: Tiny) -> None:
    installed.settings()
    installed.serve()
    installed.specify()


def interrupted(
    installed: Tiny, number: int, step: str, text: str = "", *, group: bool = False
) -> Ran:
    """Deploy, and send a signal at a moment: to the driver, or to its group as a terminal does."""
    known = frozenset(installed.deployments())
    process = installed.slipway.start("up", "development")
    installed.saw(step, text, beside=known)
    if group:
        os.killpg(process.pid, number)
    ran = installed.slipway.end(process, None if group else number)
    return assert_refused(ran, Interrupted.exit_code, "interrupted")


def running(command: str) -> bool:
    """Tell whether a command line runs: a build's programs bear no mark of their installation."""
    return any(
        process.info["cmdline"] == command.split() for process in psutil.process_iter(["cmdline"])
    )


def test_first_deployment_interrupted_during_the_build(never_live: Tiny):
    never_live.specify(install='  install: "sleep 61"')

    ran = interrupted(never_live, signal.SIGINT, "build", "installing", group=True)

    assert "interrupted before" in ran.stderr
    assert not running("sleep 61")
    assert not never_live.slipway.run_folder("development").exists()
    assert "Interrupted" in ran.stdout


def test_first_deployment_terminated_during_the_provisioning(never_live: Tiny):
    ran = interrupted(never_live, signal.SIGTERM, "provision", "create")

    assert "nothing is live, as before" in ran.stderr


def test_first_deployment_interrupted_during_the_smoke_test(never_live: Tiny):
    slow_smoke(never_live)

    ran = interrupted(never_live, signal.SIGINT, "smoke_test")

    assert "nothing is live, as before" in ran.stderr


def test_interrupted_at_any_moment_of_its_start_nobody_sees_a_traceback(installed: Tiny):
    for number in (signal.SIGINT, signal.SIGTERM):
        for seconds in (0.05, 0.15, 0.4, 0.9):
            process = installed.slipway.start("status", "development")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)

            ran = installed.slipway.end(process, number)

            # While Python itself starts, there is nobody yet to say it in other words.
            assert "Traceback" not in ran.stderr or "/automation/" not in ran.stderr, ran

            # Of the signals themselves: during imports, where nobody is there yet.
            assert ran.code in (Interrupted.exit_code, -number, -signal.SIGINT, 0, 1), ran


def test_interrupted_during_the_validation(live: Tiny):
    live.serve("other")

    ran = interrupted(live, signal.SIGTERM, "validate")

    assert "interrupted before this deployment changed anything" in ran.stderr


def test_terminated_during_the_build(live: Tiny):
    live.specify(install='  install: "sleep 62"')

    ran = interrupted(live, signal.SIGTERM, "build", "installing")

    assert "interrupted before" in ran.stderr
    assert not running("sleep 62")


def test_interrupted_in_a_terminal_during_the_provisioning(live: Tiny):
    live.serve(greeting="changed")

    ran = interrupted(live, signal.SIGINT, "provision", "backend-", group=True)

    assert "serves again and was verified" in ran.stderr


def test_terminated_while_the_new_replicas_are_awaited(live: Tiny):
    live.serve("sick")

    ran = interrupted(live, signal.SIGTERM, "roll_out", "0 of 1 replicas ready")

    assert "serves again and was verified" in ran.stderr


def test_interrupted_in_a_terminal_while_the_traffic_is_switched(live: Tiny):
    live.serve("other")

    ran = interrupted(live, signal.SIGINT, "roll_out", "update", group=True)

    assert "serves again and was verified" in ran.stderr


def test_interrupted_twice_it_stops_at_once_and_the_next_deployment_gets_home(live: Tiny):
    live.serve("other")
    slow_smoke(live)
    known = frozenset(live.deployments())
    process = live.slipway.start("up", "development")
    live.saw("smoke_test", beside=known)
    process.send_signal(signal.SIGINT)
    live.saw("undo", beside=known)

    ran = live.slipway.end(process, signal.SIGINT)

    assert_refused(ran, Interrupted.exit_code, "stopped at once; the next `slipway up`")
    reset(live)
    assert "Unchanged" in plain(live.slipway("up", "development")).ok().stdout


def test_killed_during_the_roll_out_the_next_deployment_gets_home(live: Tiny):
    live.serve("sick")
    known = frozenset(live.deployments())
    process = live.slipway.start("up", "development")
    live.saw("roll_out", "0 of 1 replicas ready", beside=known)
    live.slipway.end(process, signal.SIGKILL)
    assert live.status()["unfinished"]["deployment"] == live.deployments()[-1].name
    assert live.status()["healthy"] is True
    reset(live)

    ran = plain(live.slipway("up", "development")).ok()

    assert "was left unfinished" in ran.stderr
    assert "Unchanged" in ran.stdout


def slow_smoke(installed: Tiny) -> None:
    """Give the smoke test seconds to be interrupted in."""
    document = installed.application / "specs/deployment/tiny.md"
    before, _, after = document.read_text().partition("smoke:\n")
    rest = after[after.index("rollback:") :]
    document.write_text(f"{before}{SLOW}{STEP * SECONDS}\n{rest}")


def test_destruction_interrupted_in_a_terminal_is_finished(before: Before):
    deployed = before.tiny
    reset(deployed)
    process = deployed.slipway.start("destroy", "development", "--yes")
    assert any("delete" in line for line in iter(process.stderr.readline, ""))
    os.killpg(process.pid, signal.SIGINT)

    ran = deployed.slipway.end(process)

    assert_refused(ran, Interrupted.exit_code, "development is removed")
    eventually(deployed.slipway.processes, lambda left: left == [], what="nothing runs")
    assert deployed.slipway.environments() == []
