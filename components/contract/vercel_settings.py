"""Keys of an environment whose frontend is at Vercel."""

from pydantic import Field

from components.contract.base import Contract


class VercelSettings(Contract):
    """What is asked of Vercel."""

    vercel_team: str = Field(
        "", description="`vercel`: id or slug of the team; empty, the token's own."
    )
    vercel_project: str = Field(
        "",
        pattern=r"^[a-z0-9._-]{0,100}$",
        description="`vercel`: name of the project; empty, `<application>-<environment>`.",
    )
    vercel_region: str = Field(
        "iad1", pattern=r"^[a-z]{3}\d$", description="`vercel`: region of its functions."
    )
    vercel_node_version: str = Field(
        "24.x", pattern=r"^\d+\.x$", description="`vercel`: Node.js that its functions run on."
    )
