import pytest
from pydantic import BaseModel

from automation.reports.assembly import build_report
from automation.reports.model import DeploymentReport
from automation.reports.nulls import unexplained
from automation.reports.observed import STEPS, CheckFact, StepFact
from tests.automation.reports import examples


@pytest.mark.parametrize("name", examples.ALL)
def test_every_null_of_a_report_has_a_reason(name):
    assert unexplained(build_report(examples.ALL[name]())) == []


def test_a_deployment_that_died_before_its_first_step_still_has_a_complete_report():
    facts = examples.Facts(
        deployment="d", environment="staging", deployer="ada", started_at=examples.STARTED
    )

    report = build_report(facts)

    assert unexplained(report) == []
    assert report.overall_status.outcome == "interrupted"
    assert "before its first step" in report.details["build.backend.status"]


def test_a_null_without_a_reason_is_found():
    report = build_report(examples.interrupted())
    details = {k: v for k, v in report.details.items() if k != "build.backend.status"}

    broken = report.model_copy(update={"details": {**details, "meta.version": " "}})

    assert set(unexplained(broken)) == {"meta.version", "build.backend.status"}


@pytest.mark.parametrize(
    ("name", "status", "outcome", "healthy", "ready"),
    [
        ("deployed", "success", "deployed", True, True),
        ("rolled_back", "rolled_back", "rolled_back", True, True),
        ("blocked", "failed", "blocked", None, None),
        ("failed", "failed", "failed", None, None),
        ("interrupted", "failed", "interrupted", None, None),
    ],
)
def test_the_verdict_says_only_what_was_seen(name, status, outcome, healthy, ready):
    overall = build_report(examples.ALL[name]()).overall_status

    assert (overall.status, overall.outcome) == (status, outcome)
    assert (overall.healthy, overall.ready_for_traffic) == (healthy, ready)


def test_a_deployment_with_a_failed_flow_is_a_partial_success():
    facts = examples.deployed()
    facts.smoke = examples.rolled_back().smoke

    report = build_report(facts)

    assert report.overall_status.status == "partial_success"
    crud = report.post_deployment_verification.functionality_tests.crud_operations
    assert crud.status == "failed"
    assert crud.details == "0 of 1 flows passed; tasks: expected 201, got 500"


def test_uptime_is_computed_from_the_deployments_probes_and_null_without_any():
    facts = examples.deployed()
    facts.health["frontend"] = examples.o.HealthFact(status="healthy", milliseconds=3.0)

    report = build_report(facts)

    health = report.post_deployment_verification.health_checks
    assert health.backend.uptime_percentage == 99.75
    assert health.frontend.uptime_percentage is None
    assert health.backend.response_time_ms == 5
    assert report.post_deployment_verification.performance_metrics.error_rate_percent == 0.5


def test_a_blocked_deployment_lists_its_blockers_with_what_to_do():
    report = build_report(examples.blocked())

    assert report.pre_deployment_validation.status == "blocked"
    assert report.pre_deployment_validation.blockers == (
        "secrets: SMTP_PASSWORD has no value. "
        "To do: pulumi config set --secret secrets:SMTP_PASSWORD",
    )
    assert report.details["build.backend.status"] == (
        "step build was not reached: the deployment ended at step validate"
    )
    assert report.rollback.executed is False


def test_a_part_that_the_application_does_not_have_is_explained_as_such():
    facts = examples.interrupted()
    facts.declared = frozenset({"backend"})

    details = build_report(facts).details

    assert details["build.frontend.status"] == "the application has no frontend"
    assert details["deployment.database.platform"] == "the application has no database"
    assert "interrupted" in details["build.backend.status"]


def test_a_reason_that_a_step_gave_counts_more_than_the_step():
    facts = examples.deployed()
    facts.performance = None
    path = "post_deployment_verification.performance_metrics"
    facts.explain(path, "performanceRequests is 0")
    facts.explain(f"{path}.cpu_utilization_percent", "no meter on this platform")

    details = build_report(facts).details

    assert details[f"{path}.api_response_time_p50_ms"] == "performanceRequests is 0"
    assert details[f"{path}.cpu_utilization_percent"] == "no meter on this platform"


def test_nothing_changed_is_a_reason_of_its_own():
    facts = examples.validated(outcome="unchanged", steps=examples.steps("validate"))

    assert build_report(facts).details["deployment.backend.status"] == (
        "step roll_out did not run: nothing had changed"
    )


def test_a_reused_artifact_has_no_build_time():
    report = build_report(examples.deployed())

    assert report.build.frontend.build_time_seconds is None
    assert report.evidence.reused_artifacts == ("frontend",)
    assert "reused" in report.details["build.frontend.build_time_seconds"]
    assert report.build.backend.build_time_seconds == 13


def test_unknown_steps_and_checklist_items_are_refused():
    with pytest.raises(ValueError, match="rollout"):
        StepFact(name="rollout", status="passed", seconds=1.0)
    with pytest.raises(ValueError, match="nonsense"):
        CheckFact(name="x", status="passed", details="", item="nonsense")


def test_every_step_of_the_design_has_a_name():
    design = "validate build configure plan provision migrate roll_out verify smoke_test secure"

    assert [name for name in STEPS if name != "contract"] == [*design.split(), "document", "watch"]


def test_no_field_of_the_report_has_a_default():
    def models(model: type[BaseModel]):
        yield model
        for field in model.model_fields.values():
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    yield from models(kind)

    found = list(models(DeploymentReport))

    assert len(found) > 30
    assert all(f.is_required() for model in found for f in model.model_fields.values())


def test_what_is_on_record_and_serves_is_a_partial_success_whatever_failed_after_it():
    facts = examples.deployed()
    facts.outcome, facts.steps = "failed", examples.steps(*STEPS[:11], last="failed")

    assert build_report(facts).overall_status.status == "partial_success"


def test_a_database_that_is_well_makes_nothing_healthy_that_nobody_looked_at():
    facts = examples.failed()
    facts.database_health = examples.o.DatabaseHealthFact(status="healthy", active=1, limit=100)

    assert build_report(facts).overall_status.healthy is None
