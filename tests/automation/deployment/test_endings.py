"""A deployment as a whole: the ways in which it can end, and what it leaves behind."""

import errno

import pytest

from automation.errors import Blocked, BuildFailed, DeploymentFailed, RolledBack
from automation.redaction import Redactor
from automation.specification.recorded import recorded
from tests.automation.deployment.endings import SENTINEL, ended, failing, report_of, serving
from tests.doubles.listener import Heard


def test_a_first_deployment_ends_deployed_and_serves_what_was_built(installation):
    heard = Heard()
    context = installation.open(heard)

    assert installation.deploy(context) == "deployed"

    assert serving(installation.engine) == context.target().id
    assert {status for _, status, _ in heard.finished_steps} == {"passed", "skipped"}
    state = installation.engine.state()
    assert state.rollout is None
    assert [(r.id, r.outcome) for r in state.history] == [("d-1", "deployed")]
    assert report_of(context)["rollback"]["executed"] is False
    assert context.facts.live.serving


def test_every_state_of_a_rollout_says_how_to_get_back(installation, live):
    context = installation.open()
    installation.deploy(context)

    *under_way, last = installation.engine.states
    assert last.rollout is None
    for state in under_way:
        assert state.rollout.back_to == live
        assert state.rollout.back_to_slots["backend"] == context.live.backend
        assert state.rollout.back_to_slots["frontend"] == context.live.frontend


def test_the_same_sources_again_end_unchanged_and_nothing_is_rebuilt(installation):
    installation.deploy(installation.open())
    before = installation.engine.state()
    context = installation.open()

    assert installation.deploy(context) == "unchanged"

    assert all(result.reused for result in context.builds.values())
    assert installation.engine.state() == before
    assert context.facts.live.serving
    report_of(context)


def test_a_release_is_measured_by_the_last_one_that_served_not_by_one_that_was_rolled_back(
    installation, live
):
    state = installation.engine.state()
    good = state.history[-1]
    bad = good.model_copy(
        update={"id": "d-bad", "outcome": "rolled_back", "performance": {"p95_ms": 9999.0}}
    )
    installation.engine.live = state.model_copy(update={"history": (*state.history, bad)})
    context = installation.open()

    installation.deploy(context)

    assert good.performance
    assert context.facts.performance.baseline == good.performance


def test_a_release_that_is_live_but_does_not_serve_is_not_called_unchanged(installation):
    installation.deploy(installation.open())
    installation.engine.broken = lambda _release: True

    error, context = ended(installation, DeploymentFailed)

    assert "500" in error.message
    assert context.facts.outcome == "failed"
    report_of(context)


def test_a_blocked_deployment_never_touches_the_engine(installation):
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(
        document.read_text().replace(
            "  variables:\n", "  required_variables: [MAPS_KEY]\n  variables:\n"
        )
    )

    error, context = ended(installation, Blocked)

    assert "missing variables: MAPS_KEY" in " ".join(error.details)
    assert installation.engine.states == installation.engine.previewed == []
    assert context.facts.outcome == "blocked"
    report_of(context)


def test_a_failed_build_ends_aborted_with_the_end_of_its_log_and_nothing_touched(
    installation, live
):
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(
        document.read_text().replace('install: "true"', "install: echo no such planet; false")
    )

    error, context = ended(installation, BuildFailed)

    assert "no such planet" in "\n".join(error.details)
    assert installation.engine.states == []
    assert serving(installation.engine) == live
    assert context.facts.outcome == "aborted"
    report_of(context)


def test_a_secret_is_in_nothing_that_was_written_or_said(installation, live):
    installation.engine.before = failing(3, what=f"cannot connect with {SENTINEL}")
    refused, _ = ended(installation, RolledBack, Heard())
    installation.engine.before = lambda _number: None
    installation.engine.greeting = SENTINEL
    error, context = ended(installation, RolledBack, Heard())

    assert context.secrets == {"SECRET_KEY": SENTINEL}
    written = [path for path in installation.home.root.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert [path for path in written if SENTINEL in path.read_text(errors="replace")] == []
    told = " ".join((refused.message, *refused.details, error.message, *error.details))
    assert "cannot connect with REDACTED" in told
    assert 'got "REDACTED"' in told
    assert SENTINEL not in told
    assert SENTINEL not in installation.engine.state().model_dump_json()
    assert SENTINEL not in repr(installation.open())


def test_that_no_replica_died_is_said_only_where_a_death_could_be_seen(installation):
    context = installation.open()

    installation.deploy(context)

    assert context.facts.gates
    assert [fact.reason for fact in context.facts.gates if "has died" in fact.reason] == []


def test_what_a_specification_says_now_is_recorded_although_nothing_is_built(installation):
    installation.deploy(installation.open())
    before = installation.engine.state().live_release()
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(document.read_text().replace("name: it greets", "name: all greet"))

    assert installation.deploy(installation.open()) == "unchanged"

    after = installation.engine.state().live_release()
    assert [flow.name for flow in recorded(before).smoke] != [f.name for f in recorded(after).smoke]
    assert after.id == before.id


def test_where_the_authoritys_file_is_gone_the_deployment_that_writes_it_again_goes_on(
    installation, live
):
    kept = installation.engine.authority
    installation.engine.authority = installation.home.root / "gone.pem"

    def written_again(_number: int) -> None:
        installation.engine.authority = kept

    installation.engine.before = written_again

    assert installation.deploy(installation.open()) == "deployed"


class FullDisk(Redactor):
    """There is no room left when a report is about to be written."""

    def data(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("well", [True, False])
def test_a_full_disk_at_the_end_does_not_make_another_outcome_of_it(installation, live, well):
    installation.redactor = FullDisk()
    installation.engine.sick = lambda release: release != live and not well
    heard = Heard()

    if well:
        assert installation.deploy(installation.open(heard)) == "deployed"
    else:
        ended(installation, RolledBack, heard)

    assert "the report could not be written whole: [Errno 28]" in " ".join(heard.notes)


def test_artifacts_that_cannot_be_removed_do_not_undo_what_is_on_record(installation, live):
    kept = installation.home.environment("development") / "retained.json"

    def at(step: str) -> None:
        if step == "secure":
            kept.unlink()
            kept.mkdir()

    heard = Heard(at)

    assert installation.deploy(installation.open(heard)) == "deployed"

    assert "old artifacts could not be removed" in " ".join(heard.notes)
    assert serving(installation.engine) != live
