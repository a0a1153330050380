"""Pipelines, made of what is declared."""

from pathlib import Path

import yaml

from automation.manifests.declared import Plan
from automation.manifests.pipeline import GITHUB, GITLAB, credentials, files
from tests.automation.manifests.schemas import problems


def test_validators_of_both_services_take_them(either: Plan, tmp_path: Path) -> None:
    for name, schema, *options in (
        (GITHUB, "vendor.github-workflows"),
        (GITLAB, "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    ):
        file = tmp_path / Path(name).name
        file.write_text(files(either)[name])
        assert problems(schema, file, *options) == "", name


def test_a_change_is_previewed_and_what_is_taken_is_deployed(staging: Plan) -> None:
    jobs = yaml.safe_load(files(staging)[GITHUB])["jobs"]

    assert jobs["preview"]["steps"][-1]["run"] == "./slipway preview staging"
    assert "./slipway up staging" in [step.get("run") for step in jobs["deploy"]["steps"]]
    assert "fork" in jobs["preview"]["if"], "a fork's pull request has no secrets"


def test_two_deployments_of_an_environment_never_run_at_once_nor_are_broken_off(
    either: Plan,
) -> None:
    github = yaml.safe_load(files(either)[GITHUB])
    gitlab = yaml.safe_load(files(either)[GITLAB])

    assert github["concurrency"]["cancel-in-progress"] is False
    for job in (each for name, each in gitlab.items() if name != "stages"):
        assert job["resource_group"] == f"deploy-{either.environment}"
        assert job["interruptible"] is False


def test_credentials_are_those_of_the_chosen_platforms_by_reference(
    staging: Plan, production: Plan
) -> None:
    assert {"NEON_API_KEY", "VERCEL_API_TOKEN"} <= set(credentials(production))
    for plan in (staging, production):
        jobs = yaml.safe_load(files(plan)[GITHUB])["jobs"]
        for name in ("NEON_API_KEY", "VERCEL_API_TOKEN", "PULUMI_CONFIG_PASSPHRASE"):
            assert jobs["deploy"]["env"][name] == f"${{{{ secrets.{name} }}}}"


def test_at_aws_the_runner_s_own_identity_is_used_and_no_key(production: Plan) -> None:
    github = yaml.safe_load(files(production)[GITHUB])

    assert github["permissions"]["id-token"] == "write"
    for text in files(production).values():
        assert "AWS_ACCESS_KEY_ID" not in text
        assert "AWS_SECRET_ACCESS_KEY" not in text
