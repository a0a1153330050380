"""Which deployment a project's own domains lead to. Nothing is built again for a change of it.

Slipway's stacks move their domain by an alias, declared. This is the way past the engine: what
Vercel's dashboard calls promotion and instant rollback, for all domains of a project at once.
"""

from clients.vercel.errors import DeploymentFailed
from clients.vercel.transport import Api, Json

PATIENCE_SECONDS = 180.0
POLL_SECONDS = 1.0
MOVED, UNDER_WAY = "succeeded", frozenset({"pending", "in-progress"})


def promote(api: Api, project: str, deployment: str) -> None:
    """Lead production's domains to a deployment, and from now on to each new one again."""
    api.call("POST", f"/v10/projects/{project}/promote/{deployment}", repeatable=True)
    _wait(api, project, deployment)


def roll_back(api: Api, project: str, deployment: str, why: str = "") -> None:
    """Lead production's domains to an earlier deployment, and keep them there.

    Later production deployments do not get the domains before one is promoted.
    """
    path = f"/v1/projects/{project}/rollback/{deployment}"
    api.call("POST", path, query={"description": why or None}, repeatable=True)
    _wait(api, project, deployment)


def current(project: Json) -> str | None:
    """Return the id of the deployment that production's domains lead to, of a project as read."""
    production = (project.get("targets") or {}).get("production") or {}
    return str(production["id"]) if production.get("id") else None


def _wait(api: Api, project: str, deployment: str) -> None:
    deadline = api.now() + PATIENCE_SECONDS
    while True:
        job = api.get(f"/v9/projects/{project}").get("lastAliasRequest") or {}
        status = str(job.get("jobStatus") or "pending")
        if job.get("toDeploymentId") == deployment and status not in UNDER_WAY:
            break
        if api.now() >= deadline:
            status = f"still {status} after {PATIENCE_SECONDS:.0f} s"
            break
        api.sleep(POLL_SECONDS)
    if status != MOVED:
        raise DeploymentFailed(f"the domains of {project} did not move to {deployment}: {status}")
