"""Deployments: made of a prebuilt folder, found again, waited for and removed."""

from collections.abc import Mapping
from pathlib import Path

from clients.vercel import files
from clients.vercel.errors import DeploymentFailed, NotFound, Refused, Unanswered
from clients.vercel.transport import Api, Json

DONE = "READY"
ENDED = frozenset({"ERROR", "CANCELED", "BLOCKED", "DELETED"})
READY_SECONDS = 600.0
POLL_SECONDS = (0.5, 5.0)
MISSING = "missing_files"


def create(
    api: Api, project: str, folder: Path, *, target: str | None, meta: Mapping[str, str]
) -> Json:
    """Deploy a folder with a `.vercel/output`, and return the deployment once it is ready.

    `target` is `production`, or None for a preview. `meta` tells this deployment from all others
    of the project: one whose answer was lost is found by it. Raise DeploymentFailed.
    """
    given = files.listed(folder)
    body = {
        "name": project,
        "project": project,
        "files": [file.json() for file in given],
        "meta": dict(meta),
        **({"target": target} if target else {}),
    }
    try:
        made = _ask(api, body)
    except Refused as refused:
        missing = refused.told.get("missing")
        if refused.code != MISSING or not isinstance(missing, list):
            raise
        files.upload(api, given, missing)
        made = _ask(api, body)
    return wait(api, made["id"])


def _ask(api: Api, body: Json) -> Json:
    query = {"forceNew": 1, "skipAutoDetectionConfirmation": 1, "prebuilt": 1}
    try:
        return api.call("POST", "/v13/deployments", body, query=query)
    except Unanswered:
        # Not asked again at once: the same files may be on their way already.
        found = find(api, body["project"], body["meta"])
        if not found:
            raise
        return {"id": found[0]["uid"]}


def wait(api: Api, deployment: str) -> Json:
    """Wait until a deployment is ready, and return it. Raise DeploymentFailed."""
    deadline, every = api.now() + READY_SECONDS, POLL_SECONDS[0]
    while True:
        seen = api.get(f"/v13/deployments/{deployment}")
        state = seen.get("readyState") or seen.get("status")
        if state == DONE:
            return seen
        told = seen.get("errorMessage") or seen.get("errorCode") or "no reason given"
        if state in ENDED:
            raise DeploymentFailed(f"the deployment {deployment} ended {state}: {told}")
        if api.now() >= deadline:
            raise DeploymentFailed(f"{deployment} is still {state} after {READY_SECONDS:.0f} s")
        api.sleep(every)
        every = min(POLL_SECONDS[1], every * 1.5)


def find(
    api: Api, project: str, meta: Mapping[str, str] | None = None, *, target: str | None = None
) -> list[Json]:
    """List a project's deployments, newest first: those with all of `meta`, where it is given."""
    wanted = dict(meta or {})
    query = {f"meta-{key}": value for key, value in wanted.items()}
    found = api.pages("/v7/deployments", "deployments", projectId=project, target=target, **query)
    return [each for each in found if wanted.items() <= (each.get("meta") or {}).items()]


def delete(api: Api, deployment: str) -> bool:
    """Delete a deployment for good; tell whether it was there."""
    try:
        api.call("DELETE", f"/v13/deployments/{deployment}", repeatable=True)
    except NotFound:
        return False
    return True
