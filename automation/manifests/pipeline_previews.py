"""Previews of the frontend for proposed changes, where its platform makes them: they come with a
proposal and go with it. They ask for no more than the platform's own credential."""

from typing import Any

from automation.manifests.declared import Plan

HOST = "vercel"
TOKEN = "VERCEL_API_TOKEN"
HAPPENED = ("opened", "synchronize", "reopened", "closed")
CLOSED = "github.event.action == 'closed'"
NUMBER = "github.event.pull_request.number"
REQUEST = "$CI_MERGE_REQUEST_IID"


def made(plan: Plan) -> bool:
    """Tell whether there are such previews."""
    return plan.settings.frontend_platform == HOST


def github(plan: Plan, minutes: int, proposal: str, python: str) -> dict[str, Any]:
    """Return a workflow of its own: it neither waits for deployments nor keeps them waiting."""
    name = plan.environment
    # Removed by what is merged already: a proposal that is closed may have no merge any more.
    base = {"ref": "${{ github.event.pull_request.base.ref }}"}

    def job(when: str, option: str, checkout: dict[str, Any]) -> dict[str, Any]:
        command = f"frontend-preview {name} --pull-request ${{{{ {NUMBER} }}}}{option}"
        return {
            "if": f"{proposal} && {when}",
            "runs-on": "ubuntu-latest",
            "timeout-minutes": minutes,
            "environment": name,
            "env": {TOKEN: f"${{{{ secrets.{TOKEN} }}}}"},
            "steps": [
                {"uses": "actions/checkout@v4", "with": {"fetch-depth": 0, **checkout}},
                {"uses": "actions/setup-python@v5", "with": {"python-version": python}},
                {"name": f"slipway frontend-preview{option}", "run": f"./slipway {command}"},
            ],
        }

    return {
        "name": f"Preview the frontend of {name}",
        "on": {"pull_request": {"types": list(HAPPENED)}},
        "permissions": {"contents": "read"},
        # of one proposal one at a time, and the removal last
        "concurrency": {
            "group": f"frontend-preview-{name}-${{{{ {NUMBER} }}}}",
            "cancel-in-progress": False,
        },
        "jobs": {
            "deploy": job(CLOSED.replace("==", "!="), "", {}),
            "remove": job(CLOSED, " --remove", base),
        },
    }


def gitlab(plan: Plan, common: dict[str, Any], proposed: str) -> dict[str, Any]:
    """Return the jobs. GitLab stops an environment by itself when its request is closed."""
    name = plan.environment
    deploy, remove = f"frontend-preview-{name}", f"frontend-preview-{name}-removal"
    about = {"name": f"preview-{name}/{REQUEST}"}
    command = f"./slipway frontend-preview {name} --pull-request {REQUEST}"
    shared = {
        **common,
        "stage": "preview",
        "before_script": [f"echo 'uses the variable {TOKEN}'"],
        "resource_group": f"frontend-preview-{name}-{REQUEST}",
    }
    shared.pop("id_tokens", None)
    return {
        deploy: {
            **shared,
            "environment": {**about, "on_stop": remove},
            "script": [command],
            "rules": [{"if": proposed}],
        },
        remove: {
            **shared,
            "environment": {**about, "action": "stop"},
            "script": [f"{command} --remove"],
            "rules": [{"if": proposed, "when": "manual", "allow_failure": True}],
        },
    }
