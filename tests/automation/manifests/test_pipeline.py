"""Pipelines, made of what is declared."""

from pathlib import Path

import yaml

from automation.manifests.declared import Plan
from automation.manifests.pipeline import (
    GITHUB,
    GITHUB_PREVIEWS,
    GITLAB,
    credentials,
    files,
)
from tests.automation.manifests import conftest
from tests.automation.manifests.schemas import problems


def test_validators_of_both_services_take_them(either: Plan, tmp_path: Path) -> None:
    for name, schema, *options in (
        (GITHUB, "vendor.github-workflows"),
        (GITHUB_PREVIEWS, "vendor.github-workflows"),
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
    own = {name: each for name, each in gitlab.items() if not name.startswith("frontend-")}
    for job in (each for name, each in own.items() if name != "stages"):
        assert job["resource_group"] == f"deploy-{either.environment}"
        assert job["interruptible"] is False


def test_a_proposal_has_a_frontend_of_its_own_until_it_is_closed(either: Plan) -> None:
    jobs = yaml.safe_load(files(either)[GITHUB_PREVIEWS])["jobs"]
    asked = f"./slipway frontend-preview {either.environment} --pull-request "
    number = "${{ github.event.pull_request.number }}"

    assert jobs["deploy"]["steps"][-1]["run"] == f"{asked}{number}"
    assert jobs["remove"]["steps"][-1]["run"] == f"{asked}{number} --remove"
    assert jobs["deploy"]["if"].endswith("fork == false && github.event.action != 'closed'")
    assert jobs["remove"]["if"].endswith("fork == false && github.event.action == 'closed'")
    gitlab = yaml.safe_load(files(either)[GITLAB])
    deploy = gitlab[f"frontend-preview-{either.environment}"]
    remove = gitlab[deploy["environment"]["on_stop"]]
    assert deploy["script"] == [f"{asked}$CI_MERGE_REQUEST_IID"]
    assert remove["script"] == [f"{asked}$CI_MERGE_REQUEST_IID --remove"]
    assert remove["environment"]["action"] == "stop"
    assert remove["environment"]["name"] == deploy["environment"]["name"]
    assert remove["resource_group"] == deploy["resource_group"]


def test_a_preview_of_the_frontend_is_given_nothing_but_its_own_token(production: Plan) -> None:
    workflow = yaml.safe_load(files(production)[GITHUB_PREVIEWS])
    gitlab = yaml.safe_load(files(production)[GITLAB])

    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["env"].keys() == {"VERCEL_API_TOKEN"}
    for name, job in gitlab.items():
        assert not (name.startswith("frontend-preview") and "id_tokens" in job), name


def test_where_the_frontend_is_on_this_machine_there_is_none() -> None:
    found = files(conftest.plan("development"))

    assert found.keys() == {GITHUB, GITLAB}
    assert "frontend-preview" not in found[GITLAB]


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


def test_a_cluster_at_aws_is_reached_by_the_command_that_hands_out_its_tokens(
    staging: Plan, production: Plan
) -> None:
    installing = "pip install --quiet awscli"

    assert (
        installing
        in yaml.safe_load(files(production)[GITLAB])["deploy-production"]["before_script"]
    )
    assert installing not in files(staging)[GITLAB]
