"""What goes wrong with a new release leads back to the old one, or says that it did not."""

import pytest

from automation.errors import DeploymentFailed, EngineFailed, RolledBack
from components.contract.desired import Slots
from tests.automation.deployment.endings import ended, failing, report_of, running, serving, shares
from tests.doubles.listener import Heard


def test_a_gate_that_fails_leads_back_to_the_old_release_which_is_verified(installation, live):
    installation.engine.sick = lambda release: release != live
    heard = Heard()

    error, context = ended(installation, RolledBack, heard)

    assert "0 of 1 replicas became ready" in error.message
    assert f"{live} serves again and was verified" in error.message
    assert serving(installation.engine) == live
    assert installation.engine.state().backend == context.live.backend
    assert heard.status_of("undo") == "passed"
    assert [r.outcome for r in installation.engine.state().history] == ["deployed", "rolled_back"]
    assert context.facts.live.release == live
    report = report_of(context)
    assert report["rollback"]["rollback_status"] == "success"


def test_a_release_that_answers_with_errors_gets_no_traffic(installation, live):
    installation.engine.broken = lambda release: release != live

    _, context = ended(installation, RolledBack)

    assert all(state.live_release().id == live for state in installation.engine.states)
    assert set(shares(installation.engine, but=live)) == {0}
    report_of(context)


def test_a_smoke_flow_that_fails_on_the_idle_release_leads_back_before_it_has_traffic(
    installation, live
):
    installation.engine.greeting = "good bye"

    error, context = ended(installation, RolledBack)

    assert "smoke test of what has no traffic yet" in error.message
    assert all(state.live_release().id == live for state in installation.engine.states)
    assert set(shares(installation.engine, but=live)) == {0}
    assert [fact.gate for fact in context.facts.gates if fact.verdict == "fail"] == ["smoke"]


def test_a_smoke_flow_that_fails_leads_back_after_the_rollout(installation, live):
    def before(number: int) -> None:
        if number > 1:
            installation.engine.greeting = "good bye"

    installation.engine.before = before
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(
        document.read_text().replace(
            "category: integration", "category: integration\n    severity: high"
        )
    )

    error, context = ended(installation, RolledBack)

    assert "smoke test" in error.message
    assert serving(installation.engine) == live
    report_of(context)


@pytest.mark.parametrize("late", [False, True], ids=["never ready", "with all traffic"])
def test_where_two_releases_must_not_run_at_once_they_do_not_on_the_way_back_either(
    installation, live, late
):
    engine = installation.engine
    installation.settings["strategy"] = "recreate"
    if late:
        engine.greeting = "good bye"
        document = installation.application / "specs" / "deployment" / "tiny.md"
        text = "category: integration"
        document.write_text(document.read_text().replace(text, f"{text}\n    severity: high"))
    else:
        engine.sick = lambda release: release != live

    ended(installation, RolledBack)

    assert any(live not in running(state) and running(state) for state in engine.states)
    assert all(len(running(state)) <= 1 for state in engine.states)
    assert running(engine.state()) == {live}


def test_a_first_release_that_fails_leaves_nothing_live(installation):
    installation.engine.sick = lambda _release: True

    error, context = ended(installation, DeploymentFailed)

    assert "nothing is live, as before" in error.message
    assert serving(installation.engine) is None
    assert installation.engine.state().backend == Slots()
    assert context.facts.outcome == "failed"
    assert [issue.resolution for issue in context.facts.issues] == ["nothing is live, as before"]
    report_of(context)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_change_that_the_engine_refuses_is_undone(installation, live, number):
    installation.engine.before = failing(number)

    error, context = ended(installation, RolledBack)

    assert f"no room left ({number})" in error.details
    assert serving(installation.engine) == live
    assert installation.engine.state().rollout is None
    report_of(context)


BACK_FIRST = "the old release gets its replicas back before its traffic"


def test_replicas_that_a_broken_off_update_has_stopped_run_before_they_get_traffic(
    installation, live
):
    engine = installation.engine
    installation.settings["strategy"] = "rolling"

    def stopped_and_broken_off(number: int) -> None:
        if not broken and any("0 replicas of" in text for _, text in heard.lines):
            broken.append(number)
            engine.sick = lambda release: release == live
            raise EngineFailed("the engine was killed")

    def runs(_number: int) -> None:
        engine.sick = lambda _release: False

    heard = Heard()
    broken: list[int] = []
    engine.before, engine.after = stopped_and_broken_off, runs

    _, context = ended(installation, RolledBack, heard)

    before, capacity, traffic, *_ = engine.states[broken[0] - 2 :]
    assert (capacity.backend, capacity.frontend) == (before.backend, before.frontend)
    assert capacity.live_release().id != live == traffic.live_release().id
    report_of(context)
    assert context.facts.rollback.steps[0].description == BACK_FIRST


def test_a_way_back_that_fails_as_well_names_both_errors(installation, live):
    installation.engine.before = failing(2, 3)

    error, context = ended(installation, DeploymentFailed)

    assert "going back failed as well" in error.message
    assert error.details == ("no room left (2)", "no room left (3)")
    assert [issue.category for issue in context.facts.issues] == ["deployment", "rollback"]
    assert not any(issue.resolved for issue in context.facts.issues)
    assert context.facts.rollback.status == "failed"
    report_of(context)


def test_an_old_release_that_does_not_come_back_well_is_not_called_rolled_back(installation, live):
    installation.engine.sick = lambda _release: True

    error, context = ended(installation, DeploymentFailed)

    assert "going back failed as well" in error.message
    assert context.facts.outcome == "failed"
    report_of(context)


def test_where_rolling_back_is_switched_off_it_stops_and_says_so(installation, live):
    installation.engine.sick = lambda release: release != live
    installation.settings["rollback_enabled"] = False

    error, context = ended(installation, DeploymentFailed)

    assert "rolling back is switched off" in error.message
    assert "rollback development" in error.hint
    assert installation.engine.state().rollout is not None
    report_of(context)
