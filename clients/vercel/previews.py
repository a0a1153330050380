"""Previews of pull requests: one deployment for each, the newest, until the request is closed."""

from pathlib import Path

from clients.vercel import deployments
from clients.vercel.transport import Api, Json

PULL_REQUEST, DIGEST = "slipwayPullRequest", "slipwayDigest"
"""Names in a deployment's meta."""


def find(api: Api, project: str, pull_request: int) -> list[Json]:
    """List the previews of a pull request, newest first."""
    return deployments.find(api, project, {PULL_REQUEST: str(pull_request)})


def deploy(
    api: Api, project: str, pull_request: int, folder: Path, *, digest: str, commit: str | None
) -> tuple[Json, bool]:
    """Return the preview of a folder's content, and whether it was there already.

    `digest` stands for the content: the same one is not deployed twice. What the pull request had
    before is removed once the new one is ready.
    """
    known = find(api, project, pull_request)
    for each in known:
        if (each.get("meta") or {}).get(DIGEST) == digest and each.get("state") == deployments.DONE:
            return deployments.wait(api, each["uid"]), True
    meta = {PULL_REQUEST: str(pull_request), DIGEST: digest}
    commits = {"commit": commit} if commit else {}
    made = deployments.create(api, project, folder, target=None, meta={**meta, **commits})
    for each in known:
        deployments.delete(api, each["uid"])
    return made, False


def remove(api: Api, project: str, pull_request: int) -> int:
    """Delete all previews of a pull request; return how many there were."""
    return sum(deployments.delete(api, each["uid"]) for each in find(api, project, pull_request))
