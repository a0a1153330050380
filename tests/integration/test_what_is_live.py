"""`status` whatever is going on, and `freeze`: both ask and tell what the stack's state says."""

import signal
from collections.abc import Iterator

import pytest

from automation.errors import Blocked
from automation.holder import owner
from components.dynamic import supervision
from tests.integration.driver import eventually
from tests.integration.tiny import Tiny, assert_refused, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("what is live")]
MESSAGE = "the sale ends on Monday"


@pytest.fixture(scope="module")
def live() -> Iterator[Tiny]:
    with tiny() as made:
        made.settings(healthTimeoutSeconds="60")
        made("up", "development").ok()
        yield made


def test_a_frozen_environment_is_blocked_for_everybody_until_it_is_unfrozen(live: Tiny):
    programs, before = live.slipway.programs("development"), live.status()

    told = live("freeze", "development", MESSAGE).ok().stdout

    assert MESSAGE in told
    assert owner() in told
    assert "rollback development` stays possible" in told
    assert_refused(live("up", "development"), Blocked.exit_code, MESSAGE, owner(), "unfreeze")
    assert_refused(live("destroy", "development", "--yes"), Blocked.exit_code, MESSAGE)
    assert MESSAGE in live("preview", "development", "--json").ok().json["frozen"]
    found = live.status()
    assert found["freeze"]["message"] == MESSAGE
    assert found["freeze"]["by"] == owner()
    assert {**found, "freeze": None, "frozen": None} == before
    assert live.slipway.programs("development") == programs
    assert live("unfreeze", "development", "--json").ok().json["freeze"] is None
    assert "was not frozen" in live("unfreeze", "development").ok().stdout
    assert "Unchanged" in live("up", "development").ok().stdout


def test_where_nothing_is_deployed_there_is_nothing_to_freeze(live: Tiny):
    assert_refused(live("freeze", "staging", MESSAGE), Blocked.exit_code, "./slipway up staging")


def test_while_a_deployment_runs_its_step_and_its_owner_are_told(live: Tiny):
    live.serve("sick")
    known = frozenset(live.deployments())
    process = live.slipway.start("up", "development")
    live.saw("roll_out", "0 of 1 replicas ready", beside=known)

    found = live.status()

    live.slipway.end(process, signal.SIGINT)
    live.serve()
    assert found["healthy"] is True
    assert found["lock"]["owner"] == owner()
    assert found["lock"]["pid"] == process.pid
    assert found["unfinished"]["deployment"] == live.deployments()[-1].name
    assert found["unfinished"]["step"] == 1
    assert live.status()["unfinished"] is None
    assert live.status()["lock"] is None


def test_with_the_load_balancer_down_it_is_told_that_nothing_answers(live: Tiny):
    supervisor = supervision.connect(live.slipway.run_folder("development"))
    (name,) = [n for n in live.slipway.programs("development") if "envoy" in n or "load" in n]
    supervisor.stopProcess(name)

    try:
        ran = live("status", "development", "--json").ok(1)
    finally:
        supervisor.startProcess(name)

    assert ran.json["healthy"] is False
    assert ran.json["services"]["backend"]["blue"]["ready"] == 1
    eventually(lambda: live.status()["healthy"], what="the load balancer answers again")
