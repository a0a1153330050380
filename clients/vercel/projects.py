"""Projects, and how automation gets past the login in front of their deployments."""

from clients.vercel.errors import NotFound
from clients.vercel.transport import Api, Json

AUTOMATION = "automation-bypass"


def get(api: Api, project: str) -> Json | None:
    """Return a project by its id or name, or None where there is none."""
    try:
        return api.get(f"/v9/projects/{project}")
    except NotFound:
        return None


def passes(project: Json) -> dict[str, str]:
    """Map the notes of a project's bypasses for automation to their secrets."""
    known = project.get("protectionBypass") or {}
    return {
        str(about.get("note") or ""): secret
        for secret, about in known.items()
        if about.get("scope") == AUTOMATION
    }


def let_in(api: Api, project: str, secret: str, note: str) -> None:
    """Accept a secret of 32 letters and digits as the header `x-vercel-protection-bypass`."""
    _change(api, project, {"generate": {"secret": secret, "note": note}})


def shut_out(api: Api, project: str, secret: str) -> None:
    """Accept a secret no more; one that is not accepted already does no harm."""
    _change(api, project, {"revoke": {"secret": secret, "regenerate": False}})


def _change(api: Api, project: str, change: Json) -> None:
    api.call("PATCH", f"/v1/projects/{project}/protection-bypass", change, repeatable=True)
