"""The frontend at Vercel, of an environment's settings and state."""

import pulumi

from components.dns.base import Target
from components.frontend.vercel_content import APEX_ADDRESS, SUBDOMAIN_NAME, content
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
    here = Target(name=pulumi.Output.from_input(SUBDOMAIN_NAME), address=APEX_ADDRESS)
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
            records=args.dns.lead(settings.domain, here) if settings.domain else (),
            kept=foundation.environment in KEPT,
        ),
        opts,
    )
