"""Which services a smoke flow reaches."""

from collections.abc import Collection, Iterable

from automation.specification.models import Flow
from components.contract.release import SERVICES, Release, ServiceName


def within(
    flows: Iterable[Flow], release: Release, services: Collection[ServiceName]
) -> tuple[Flow, ...]:
    """Return the flows whose requests reach none but the services named."""
    return tuple(flow for flow in flows if _reached(flow, release) <= set(services))


def _reached(flow: Flow, release: Release) -> set[ServiceName]:
    paths = [step.request.partition(" ")[2] for step in flow.steps if step.request]
    return {leads_to(release, path) for path in paths}


def leads_to(release: Release, path: str) -> ServiceName:
    """Return the service whose route is the longest that leads to a path."""
    routes = {name: a.route for name in SERVICES if (a := release.artifact(name)) is not None}
    fits = [name for name, route in routes.items() if _is_under(route, path)]
    return max(fits, key=lambda name: len(routes[name]), default="frontend")


def _is_under(route: str, path: str) -> bool:
    inside = path.partition("?")[0] + "/"
    return route == "/" or inside.startswith(route.rstrip("/") + "/")
