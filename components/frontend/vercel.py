"""The frontend at Vercel, of an environment's settings and state."""

import pulumi

from components.frontend.vercel_content import content
from components.frontend.vercel_frontend import VercelFrontend, VercelFrontendArgs
from components.service import ServiceArgs

KEPT = ("production",)
"""Environments whose project the engine refuses to delete, or to replace."""


def declare(
    name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None
) -> VercelFrontend:
    """Declare the frontend of an environment."""
    foundation, settings = args.foundation, args.foundation.settings
    tags = foundation.tags()
    return VercelFrontend(
        name,
        VercelFrontendArgs(
            project=settings.vercel_project or foundation.prefix,
            content=args.state.apply(lambda state: content(state, tags)),
            values=args.values,
            team=settings.vercel_team,
            region=settings.vercel_region,
            node_version=settings.vercel_node_version,
            domain=settings.domain,
            kept=foundation.environment in KEPT,
        ),
        opts,
    )
