"""What the report says of services, health and the way back, ending by ending."""

import signal
from pathlib import Path

import pytest

from automation.context import Context
from automation.errors import (
    Blocked,
    BuildFailed,
    DeploymentFailed,
    Interrupted,
    RolledBack,
)
from components.contract.release import SERVICES
from tests.automation.deployment.endings import (
    bad_after_the_rollout,
    ended,
    failing,
    killed_at,
    report_of,
    serving,
    specified,
)
from tests.doubles.listener import Heard


def statuses(report: dict) -> dict[str, str | None]:
    return {name: report["deployment"][name]["status"] for name in SERVICES}


def healths(report: dict) -> dict[str, str | None]:
    found = report["post_deployment_verification"]["health_checks"]
    return {name: found[name]["status"] for name in SERVICES}


def both(status: str | None) -> dict[str, str | None]:
    return dict.fromkeys(SERVICES, status)


def test_a_deployment_says_of_each_service_when_it_had_all_traffic(installation, live):
    context = installation.open()
    installation.engine.before = lambda _number: context.clock.sleep(10)

    installation.deploy(context)

    report = report_of(context)
    assert statuses(report) == both("success")
    found = {name: report["deployment"][name] for name in SERVICES}
    assert {each["instance_count"] for each in found.values()} == {1}
    assert found["backend"]["api_url"].endswith("/api")
    seconds = sorted(round(each["deployment_time_seconds"], -1) for each in found.values())
    assert seconds == [20, 30]  # one switch after the other, from the first change on
    assert healths(report) == both("healthy")
    assert report["overall_status"]["status"] == "success"


def test_of_a_rollout_that_somebody_else_began_no_time_is_told(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    context = installation.open()

    installation.deploy(context)

    report = report_of(context)
    path = "deployment.backend.deployment_time_seconds"
    assert report["deployment"]["backend"]["deployment_time_seconds"] is None
    assert report["details"][path] == "an earlier deployment had begun this rollout"


def test_a_release_that_never_became_ready_was_rolled_back(installation, live):
    installation.engine.sick = lambda release: release != live

    _, context = ended(installation, RolledBack)

    report = report_of(context)
    assert statuses(report) == both("rolled_back")
    assert report["deployment"]["frontend"]["url"]
    assert healths(report) == both("healthy")  # of the old release
    assert report["overall_status"] == {
        "status": "rolled_back",
        "healthy": True,
        "ready_for_traffic": True,
        "outcome": "rolled_back",
    }
    (issue,) = report["issues_encountered"]
    assert (issue["severity"], issue["category"]) == ("critical", "deployment")


def test_a_release_that_failed_its_smoke_test_was_rolled_back_although_it_had_all_traffic(
    installation, live
):
    _, context = ended(installation, RolledBack, bad_after_the_rollout(installation))

    report = report_of(context)
    assert statuses(report) == both("rolled_back")
    assert report["rollback"]["executed"] is True
    (issue,) = report["issues_encountered"]
    assert (issue["severity"], issue["category"]) == ("high", "verification")


def test_what_was_seen_of_a_failed_release_does_not_outlive_a_way_back_that_fails(
    installation, live
):
    heard = bad_after_the_rollout(installation)
    begin = heard.at

    def at(step: str) -> None:
        begin(step)
        if step == "undo":
            installation.engine.before = failing(installation.engine.ups + 1)

    heard.at = at

    _, context = ended(installation, DeploymentFailed, heard)

    report = report_of(context)
    assert statuses(report) == both("failed")
    assert healths(report) == both(None)
    assert report["overall_status"]["healthy"] is None
    assert report["overall_status"]["status"] == "failed"
    path = "post_deployment_verification.health_checks.backend.status"
    assert "was not looked at" in report["details"][path]
    severities = [issue["severity"] for issue in report["issues_encountered"]]
    assert severities == ["high", "critical"]


def test_a_first_release_that_fails_is_not_called_rolled_back(installation):
    installation.engine.sick = lambda _release: True

    _, context = ended(installation, DeploymentFailed)

    report = report_of(context)
    assert statuses(report) == both("failed")
    assert healths(report) == both(None)
    path = "post_deployment_verification.health_checks.backend.status"
    assert report["details"][path] == "nothing is live, as before"


@pytest.mark.parametrize(("lost", "expected"), [((0, 1), "unhealthy"), ((1,), "degraded")])
def test_a_service_that_is_not_well_once_it_is_live_is_called_so(
    installation, live, lost, expected
):
    def at(step: str) -> None:
        installation.engine.lost = lost if step == "verify" else ()

    installation.settings |= {"rollback_enabled": False, "backend_replicas": 2}
    installation.settings["frontend_replicas"] = 2

    _, context = ended(installation, DeploymentFailed, Heard(at))

    report = report_of(context)
    assert healths(report) == both(expected)
    assert report["overall_status"]["healthy"] is False
    assert statuses(report) == both("failed")
    (issue,) = report["issues_encountered"]
    assert (issue["severity"], issue["category"]) == ("critical", "verification")


@pytest.mark.parametrize(
    ("step", "status", "services"),
    [
        ("validate", "failed", None),
        ("verify", "rolled_back", "rolled_back"),
        ("watch", "partial_success", "success"),
    ],
)
def test_the_status_of_an_interrupted_deployment_is_what_it_came_to(
    installation, live, step, status, services
):
    def at(wanted: str) -> None:
        if wanted == step:
            signal.raise_signal(signal.SIGINT)

    _, context = ended(installation, Interrupted, Heard(at))

    report = report_of(context)
    assert report["overall_status"]["status"] == status
    assert report["overall_status"]["outcome"] == "interrupted"
    assert statuses(report) == both(services)


def undone(context: Context) -> dict:
    """The report, having seen that it tells of an unfinished rollout that was undone."""
    report = report_of(context)
    assert report["rollback"]["executed"] is True
    assert "was left unfinished" in report["rollback"]["reason"]
    assert report["rollback"]["rollback_status"] == "success"
    assert context.facts.rollback.steps
    told = (context.folder / "incident.md").read_text()
    assert "An unfinished rollout was undone" in told
    assert "an earlier deployment was left unfinished (`unfinished`)" in told
    return report


def test_a_rollback_that_undoes_an_unfinished_rollout_is_reported_as_one(installation, live):
    killed_at(installation, 2)
    context = installation.open(action="rollback")

    assert installation.roll_back(context) == "unchanged"

    report = undone(context)
    assert report["rollback"]["previous_version"] == "1.0.0"
    assert report["overall_status"]["outcome"] == "unchanged"


def test_a_deployment_that_undoes_an_unfinished_rollout_says_so_and_is_a_success(
    installation, live
):
    killed_at(installation, 2)
    installation.change("again")
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    report = undone(context)
    assert statuses(report) == both("success")
    assert report["overall_status"]["status"] == "success"


def test_an_undone_rollout_whose_old_release_does_not_answer_is_no_success(installation, live):
    killed_at(installation, 2)
    installation.engine.broken = lambda release: release == live

    context = installation.open()

    assert installation.deploy(context) == "deployed"

    assert report_of(context)["rollback"]["rollback_status"] == "failed"


def test_a_deployment_that_went_back_has_its_commits_owner_logs_and_manifest(installation, live):
    installation.engine.sick = lambda release: release != live

    _, context = ended(installation, RolledBack)

    assert context.facts.owner
    assert context.facts.logs["this deployment"] == str(context.folder)
    manifest = report_of(context)["deployment_artifacts"]["deployment_manifest"]
    assert manifest == str(context.folder / "desired-state.json")
    assert live in (context.folder / "desired-state.json").read_text()


def test_what_cannot_be_collected_for_the_report_does_not_hide_how_it_ended(installation, live):
    installation.engine.sick = lambda release: release != live
    heard = Heard()
    context = installation.open(heard)
    (context.folder / "desired-state.json").mkdir()

    with pytest.raises(RolledBack):
        installation.deploy(context)

    assert serving(installation.engine) == live
    assert any(line.startswith("not in the report: IsADirectoryError") for line in heard.notes)
    assert context.facts.owner
    report_of(context)


def test_a_blocked_deployment_names_each_blocker_once_and_is_not_critical(installation):
    specified(installation, "  variables:\n", "  required_variables: [MAPS_KEY]\n  variables:\n")

    _, context = ended(installation, Blocked)

    report = report_of(context)
    (blocker,) = report["pre_deployment_validation"]["blockers"]
    assert "missing variables: MAPS_KEY" in blocker
    (issue,) = report["issues_encountered"]
    assert (issue["severity"], issue["category"]) == ("high", "deployment")
    assert statuses(report) == both(None)
    assert report["deployment_artifacts"]["deployment_manifest"] is None


def test_a_failed_build_names_its_log(installation, live):
    specified(installation, 'install: "true"', 'install: "echo no such planet; false"')

    _, context = ended(installation, BuildFailed)

    build = report_of(context)["build"]
    assert build["backend"]["status"] == "failed"
    assert "no such planet" in Path(build["backend"]["build_logs_path"]).read_text()
