"""How services and database come to their platforms, for the report: begun, moved, and the end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from automation.context import Context
from automation.reports.base import DeploymentStatus
from automation.reports.observed import DatabaseFact, DeployedFact
from components.contract import outputs
from components.contract.release import SERVICES, ServiceName

ALL: Final = 100
URLS: Final[Mapping[ServiceName, str]] = {
    "backend": outputs.API_URL,
    "frontend": outputs.PUBLIC_URL,
}
HEALTH_URLS: Final[Mapping[ServiceName, str]] = {
    "backend": outputs.BACKEND_HEALTH_URL,
    "frontend": outputs.FRONTEND_HEALTH_URL,
}


def begin(context: Context) -> None:
    """Say that the services of the target are under way from now on."""
    context.placing_since = context.clock.time()
    for service in SERVICES:
        if context.target().artifact(service) is None:
            continue
        platform = context.settings.platform(service)
        context.facts.services[service] = DeployedFact(status="in_progress", platform=platform)
        if context.resume_at:
            path = f"deployment.{service}.deployment_time_seconds"
            context.facts.explain(path, "an earlier deployment had begun this rollout")


def provisioned(context: Context) -> None:
    """Say where the database is, once the engine has seen to it."""
    if context.database is not None:
        platform = f"{context.settings.database_platform}_postgresql"
        context.facts.database = DatabaseFact(platform=platform, status="success")


def moved(context: Context) -> None:
    """Take the time of each service that has just got all of its traffic."""
    if context.placing_since is None or context.resume_at:
        return
    for service, fact in context.facts.services.items():
        slots = context.declared.service(service)
        live = slots.live()
        held = slots.slot(live) if live else None
        there = held and held.release == context.target().id and held.weight == ALL
        if there and fact.seconds is None:
            seconds = context.clock.time() - context.placing_since
            context.facts.services[service] = replace(fact, seconds=seconds)


def conclude(context: Context, *, complete: bool) -> None:
    """Say how it ended for each service, and where it is reached now.

    `complete`: the deployment is on record, and is not undone whatever came after that.
    """
    services, found = context.facts.services, context.outputs
    if not context.touched:
        services.clear()  # the engine did not even begin
    for service, fact in services.items():
        slots = context.declared.service(service)
        live = slots.live()
        services[service] = replace(
            fact,
            status=_status(context, complete),
            url=found.get(URLS[service]),
            health_url=found.get(HEALTH_URLS[service]),
            replicas=slots.slot(live).replicas if live else None,
        )


def _status(context: Context, complete: bool) -> DeploymentStatus:
    taken = context.facts.rollback
    if taken is None or taken.of_another:
        return "success" if complete else "failed"
    back = taken.status == "success" and context.live.live_release() is not None
    return "rolled_back" if back else "failed"
