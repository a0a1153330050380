"""Pipelines that deploy an environment: GitHub Actions and GitLab CI/CD."""

from typing import Any

import yaml

from automation.manifests import pipeline_previews as previews
from automation.manifests.declared import Plan
from components.contract.platforms import REGISTRIES

GITHUB, GITLAB = "pipeline/github-actions.yaml", "pipeline/gitlab-ci.yaml"
GITHUB_PREVIEWS = "pipeline/github-previews.yaml"
STATE = ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE")
"""What leads to the state and decrypts it. At GitHub those that a project has no secret for are
empty: of the passphrase that is refused, unless a key encrypts instead."""
AMBIENT = ("AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""Credentials of AWS that are short-lived and come with the runner's own identity."""
PYTHON = "3.11"
IMAGE = f"python:{PYTHON}"
TOKENS = {"aws_eks": ("pip install --quiet awscli",)}
"""By the backend's platform: what brings the command that hands out the cluster's tokens. GitHub's
runners have it."""
HOURS = 2
OWN_PROPOSAL = (
    "github.event_name == 'pull_request' && github.event.pull_request.head.repo.fork == false"
)
"""Not a fork's: it is given no secrets, and should not be."""
ROLE = "${{ vars.AWS_ROLE_ARN }}"


def files(plan: Plan) -> dict[str, str]:
    """Return both pipelines: a preview for each change that is proposed, a deployment for each
    that is taken. Secrets are named, and kept by the service that runs them."""
    found = {GITHUB: _dump(_github(plan)), GITLAB: _dump(_gitlab(plan))}
    if previews.made(plan):
        workflow = previews.github(plan, HOURS * 60, OWN_PROPOSAL, PYTHON)
        found[GITHUB_PREVIEWS] = _dump(workflow)
    return found


def credentials(plan: Plan) -> list[str]:
    """List the variables with which the chosen platforms let a deployment in."""
    found: list[str] = []
    for concern, registry in REGISTRIES.items():
        platform = registry[getattr(plan.settings, f"{concern}_platform")]
        if not set(platform.credentials) & {*AMBIENT}:
            found += [name for name in platform.credentials if name not in found]
    return found


def _at_aws(plan: Plan) -> bool:
    return bool(plan.of_package("aws"))


def _kubeconfig(plan: Plan) -> bool:
    return plan.settings.backend_platform == "kubernetes"


def _github(plan: Plan) -> dict[str, Any]:
    name = plan.environment
    secrets = {each: f"${{{{ secrets.{each} }}}}" for each in (*STATE, *_named(plan))}
    prepare = _prepared(plan, secrets)

    def job(command: str, when: str) -> dict[str, Any]:
        return {
            "if": when,
            "runs-on": "ubuntu-latest",
            "timeout-minutes": HOURS * 60,
            "environment": name,
            "env": secrets,
            "steps": [*prepare, {"name": f"slipway {command}", "run": f"./slipway {command}"}],
        }

    deploy = job(f"up {name}", "github.event_name != 'pull_request'")
    report = {"name": f"deployment-{name}", "path": f".slipway/{name}/deployments"}
    deploy["steps"].append({"if": "always()", "uses": "actions/upload-artifact@v4", "with": report})
    return {
        "name": f"Deploy {name}",
        "on": {"push": {"branches": ["main"]}, "pull_request": None, "workflow_dispatch": None},
        "permissions": {"contents": "read", **({"id-token": "write"} if _at_aws(plan) else {})},
        # a deployment that is under way is never broken off
        "concurrency": {"group": f"deploy-{name}", "cancel-in-progress": False},
        "jobs": {
            "preview": job(f"preview {name}", OWN_PROPOSAL),
            "deploy": deploy,
        },
    }


def _prepared(plan: Plan, secrets: dict[str, str]) -> list[dict[str, Any]]:
    """Return the steps before Slipway's own; what the cluster needs becomes one of the secrets."""
    prepare: list[dict[str, Any]] = [
        # history: the version comes from the tags
        {"uses": "actions/checkout@v4", "with": {"fetch-depth": 0}},
        {"uses": "actions/setup-python@v5", "with": {"python-version": PYTHON}},
    ]
    if _at_aws(plan):
        given = {"role-to-assume": ROLE, "aws-region": plan.settings.aws_region}
        prepare.append({"uses": "aws-actions/configure-aws-credentials@v4", "with": given})
    if _kubeconfig(plan):
        write = 'install -m 600 /dev/null "$KUBECONFIG"\nprintf %s "$CONTENT" > "$KUBECONFIG"\n'
        content = {"CONTENT": "${{ secrets.KUBECONFIG }}"}
        prepare.append({"name": "Reach the cluster", "run": write, "env": content})
        secrets["KUBECONFIG"] = "${{ github.workspace }}/../kubeconfig"
    return prepare


def _gitlab(plan: Plan) -> dict[str, Any]:
    name = plan.environment
    asked = ", ".join([*STATE, *_named(plan), *(["KUBECONFIG"] if _kubeconfig(plan) else [])])
    common: dict[str, Any] = {
        "image": IMAGE,
        "timeout": f"{HOURS} hours",
        # GitLab gives masked variables to every job; KUBECONFIG is one of the type `file`
        "before_script": [f"echo 'uses the variables {asked}'"],
        "resource_group": f"deploy-{name}",
        "interruptible": False,
    }
    if _at_aws(plan):
        common["id_tokens"] = {"AWS_ID_TOKEN": {"aud": "sts.amazonaws.com"}}
        common["before_script"] += [
            'umask 077; printf %s "$AWS_ID_TOKEN" > "$CI_PROJECT_DIR/../identity"',
            'export AWS_WEB_IDENTITY_TOKEN_FILE="$CI_PROJECT_DIR/../identity"',
            *TOKENS.get(plan.settings.backend_platform, ()),
        ]
        common["variables"] = {"AWS_REGION": plan.settings.aws_region, "GIT_DEPTH": "0"}
    else:
        common["variables"] = {"GIT_DEPTH": "0"}
    proposed = '$CI_PIPELINE_SOURCE == "merge_request_event"'
    return {
        "stages": ["preview", "deploy"],
        f"preview-{name}": {
            **common,
            "stage": "preview",
            "script": [f"./slipway preview {name}"],
            "rules": [{"if": proposed}],
        },
        **(previews.gitlab(plan, common, proposed) if previews.made(plan) else {}),
        f"deploy-{name}": {
            **common,
            "stage": "deploy",
            "environment": {"name": name, "url": f"https://{plan.settings.domain}"},
            "script": [f"./slipway up {name}"],
            "artifacts": {"when": "always", "paths": [f".slipway/{name}/deployments"]},
            "rules": [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}],
        },
    }


def _named(plan: Plan) -> list[str]:
    return [each for each in credentials(plan) if each != "KUBECONFIG"]


def _dump(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, width=100)


class _Plain(yaml.SafeDumper):
    """Writes what several jobs share in each of them: not every reader takes YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return true for everything."""
        return True
