"""Rollouts under load: no request is lost, and a bad release goes back by the right gate."""

import re
from collections.abc import Iterator

import pytest

from automation.errors import RolledBack
from tests.integration.brisk import MODEST, Brisk, brisk
from tests.integration.faults.watched import Watched
from tests.integration.tiny import assert_refused

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("rollouts")]
PROCESSES = re.compile(r"update application-backend-(blue|green)")
RATE = 150
"""Requests a second: as many as leave this machine time for the tests beside."""


@pytest.fixture(scope="module")
def installed() -> Iterator[Brisk]:
    with brisk() as made:
        yield made


@pytest.mark.parametrize("strategy", ["rolling", "blue_green", "canary"])
def test_no_request_is_lost_in_a_rollout_and_in_the_way_back(installed: Brisk, strategy: str):
    before = installed.status()["release"]

    with installed.under_load(RATE) as steady:
        installed.deploy(strategy).ok()
        after = installed.status()["release"]
        installed("rollback", "development").ok()

    assert installed.status()["release"] == before != after
    assert steady.lost == 0, steady.result
    assert steady.result["releases"].keys() == {before, after}
    assert steady.sent > 1000


def test_no_request_is_lost_where_the_engine_dies_after_it_has_stopped_the_old_release(
    installed: Brisk,
):
    before = installed.status()["release"]
    installed.settings(**{**MODEST, "strategy": "rolling"})
    installed.change()

    with installed.under_load(RATE) as steady:
        run = Watched.up(installed)
        assert run.until(lambda event: str(event.get("text")).startswith("0 replicas of backend"))
        running = len(installed.slipway.programs("development"))
        assert run.until(lambda event: bool(PROCESSES.fullmatch(str(event.get("text")))))
        assert run.see(lambda: len(installed.slipway.programs("development")) < running)
        engine = run.engine()
        assert engine is not None, "the engine ended before the test saw a program stopped"
        engine.kill()
        ran = installed.slipway.end(run.process)

    assert_refused(ran, RolledBack.exit_code, f"{before} serves again and was verified")
    assert "the old release gets its replicas back before its traffic" in ran.stderr
    assert installed.status()["release"] == before
    assert steady.lost == 0, steady.result


BAD = {
    "errors": (("traffic",), "requests failed"),
    "slow": (("traffic",), "ms"),
    "leaks": (("traffic", "health"), "died"),
    "refuses": (("smoke",), "smoke test of what has no traffic yet"),
    "sick": (("health",), "became ready"),
}
"""How a release fares -> the gates one of which stops it, and what its reason says."""


@pytest.mark.parametrize("condition", BAD)
def test_a_bad_release_goes_back_by_the_right_gate(installed: Brisk, condition: str):
    gates, told = BAD[condition]
    before = installed.status()["release"]

    with installed.under_load(RATE) as steady:
        ran = installed.deploy(
            "canary",
            condition,
            canarySteps=[10],
            canaryHoldSeconds="15",
            gateRequests="150" if condition == "slow" else "450",
        )

    assert_refused(ran, RolledBack.exit_code, f"{before} serves again and was verified")
    assert installed.status()["release"] == before
    facts = installed.report()
    failed = [each for each in facts["evidence"]["gates"] if each["verdict"] == "fail"]
    assert len(failed) == 1
    assert failed[0]["gate"] in gates
    assert told in failed[0]["reason"]
    # A tenth of the backend's traffic, which is half of all, can meet the new release.
    assert steady.lost <= 0.1 * steady.sent, steady.result
