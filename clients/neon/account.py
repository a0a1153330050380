"""What the account behind a key may do, as far as the API tells."""

from clients.neon.transport import Api, Json

QUOTAS = (
    "active_time_seconds",
    "compute_time_seconds",
    "written_data_bytes",
    "data_transfer_bytes",
)
"""Quotas after which Neon suspends a project's compute; the project has its use by these names."""


def reached(api: Api, organization: str = "") -> None:
    """Ask for next to nothing. Raise NeonError where the API is not there or refuses the key."""
    api.get("/projects", limit=1, org_id=organization or None)


def exhausted(project: Json) -> list[str]:
    """List the quotas that a project has used up; a quota of 0 is none."""
    quota = (project.get("settings") or {}).get("quota") or {}
    return [
        name
        for name in QUOTAS
        if (quota.get(name) or 0) > 0 and (project.get(name) or 0) >= quota[name]
    ]


def branch_limit(project: Json) -> int | None:
    """Return how many branches a project may have, or None where Neon does not say."""
    limit = (project.get("owner") or {}).get("branches_limit")
    return int(limit) if isinstance(limit, int) and limit > 0 else None
