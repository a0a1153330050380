import json
import re

import jsonschema
import pytest
import yaml

from automation.home import PROJECT
from automation.reports.assembly import build_report
from automation.reports.schema import PUBLISHED, report_schema, schema_text
from automation.reports.serialized import document, json_text, yaml_text
from tests.automation.reports import examples

REFERENCE = {
    "meta": "deployment_id version commit_hash timestamp deployer environment",
    "pre_deployment_validation": "status checks issues blockers",
    "build.frontend": "status build_time_seconds artifact_path build_logs_path",
    "build.backend": "status build_time_seconds artifact_path build_logs_path",
    "build.database": "migrations_applied migration_status migration_logs_path",
    "deployment_strategy": "strategy config rollback_strategy",
    "deployment.frontend": (
        "status platform url health_check_url deployment_time_seconds instance_count"
    ),
    "deployment.backend": (
        "status platform api_url health_check_url deployment_time_seconds instance_count"
    ),
    "deployment.database": "status platform migration_version backup_created backup_id",
    "environment": "variables_configured secrets_loaded configuration_file",
    "post_deployment_verification.health_checks.frontend": (
        "status response_time_ms uptime_percentage"
    ),
    "post_deployment_verification.health_checks.backend": (
        "status response_time_ms uptime_percentage"
    ),
    "post_deployment_verification.health_checks.database": (
        "status connection_pool_active connection_pool_max"
    ),
    "post_deployment_verification.smoke_tests": "total passed failed tests",
    "post_deployment_verification.smoke_tests.tests.0": "name status duration_ms error_message",
    "post_deployment_verification.functionality_tests.authentication": "status details",
    "post_deployment_verification.functionality_tests.crud_operations": "status details",
    "post_deployment_verification.functionality_tests.multi_user_isolation": "status details",
    "post_deployment_verification.performance_metrics": (
        "api_response_time_p50_ms api_response_time_p95_ms api_response_time_p99_ms "
        "error_rate_percent cpu_utilization_percent memory_utilization_percent"
    ),
    "rollback": "executed reason previous_version rollback_time_seconds rollback_status",
    "issues_encountered.0": (
        "issue_id severity category description resolution resolved timestamp"
    ),
    "deployment_artifacts": (
        "frontend_artifact backend_artifact database_migration_version deployment_manifest"
    ),
    "monitoring_setup": "monitoring_enabled alerting_enabled dashboards alert_rules_configured",
    "overall_status": "status healthy ready_for_traffic outcome",
    "recommendations": "immediate short_term long_term",
}
"""The published fields by section; who reads a report may rely on each."""


@pytest.fixture
def validator():
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


@pytest.mark.parametrize("name", examples.ALL)
def test_every_report_validates_as_json_and_as_yaml(name, validator):
    report = build_report(examples.ALL[name]())

    validator.validate(json.loads(json_text(report)))
    validator.validate(yaml.safe_load(yaml_text(report)))
    assert json.loads(json_text(report)) == yaml.safe_load(yaml_text(report))


def test_the_published_schema_is_the_one_of_the_models():
    assert PUBLISHED == PROJECT / "docs" / "deployment-report.schema.json"
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), (
        "run: python -m automation.reports.schema"
    )


@pytest.mark.parametrize("path", REFERENCE)
def test_a_report_has_exactly_the_fields_of_the_reference(path):
    section = document(build_report(examples.rolled_back()))["deployment_report"]
    for key in path.split("."):
        section = section[int(key)] if key.isdigit() else section[key]

    assert list(section) == REFERENCE[path].split()


def test_the_sections_beyond_the_reference_are_evidence_and_details():
    report = document(build_report(examples.deployed()))["deployment_report"]

    named = {path.split(".")[0] for path in REFERENCE}
    assert set(report) - named == {"evidence", "details", "issues_encountered"} - named


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("overall_status.status", "done"),
        ("build.backend.status", "passed"),
        ("deployment_strategy.strategy", "all_at_once"),
        ("meta.environment", "test"),
        ("build.backend.build_time_seconds", 1.5),
    ],
)
def test_a_word_or_type_that_the_reference_does_not_know_is_refused(path, value, validator):
    data = document(build_report(examples.deployed()))
    section = data["deployment_report"]
    *above, last = path.split(".")
    for key in above:
        section = section[key]
    section[last] = value

    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data)


def test_a_missing_and_an_unknown_field_are_refused(validator):
    data = document(build_report(examples.deployed()))
    del data["deployment_report"]["meta"]["version"]
    data["deployment_report"]["rollback"]["feeling"] = "good"

    errors = sorted(error.message for error in validator.iter_errors(data))

    assert len(errors) == 2
    assert re.search("'version' is a required property", "".join(errors))
