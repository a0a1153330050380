"""What the stack tells of an application: its outputs, by the names of the contract."""

from typing import TYPE_CHECKING, Any

import pulumi

from components.contract import outputs
from components.contract.desired import Address, DesiredState
from components.contract.platforms import REGISTRIES
from components.contract.release import ServiceName
from components.contract.settings import Settings

if TYPE_CHECKING:
    from components.application import Application

HTTPS = 443
FALLBACK_HOST = "localhost"


def local_address(configured: Settings, state: DesiredState, ports: dict[str, int]) -> Address:
    """Return the address on this machine: the configured host, else the one that is known."""
    named = configured.domain or (state.address.host if state.address else None)
    return Address(host=named or FALLBACK_HOST, port=ports["public"])


def outputs_of(application: "Application") -> dict[str, pulumi.Output[Any]]:
    """Return the stack's outputs."""
    services, balancer = application.services, application.load_balancer
    return {
        outputs.STATE: pulumi.Output.all(application.state, application.address).apply(
            lambda k: k[0].model_copy(update={"address": k[1]}).model_dump(mode="json")
        ),
        outputs.PUBLIC_URL: application.address.apply(lambda a: a.url),
        outputs.API_URL: _public_url(application, "backend", "route"),
        outputs.FRONTEND_HEALTH_URL: _public_url(application, "frontend", "health_path"),
        outputs.BACKEND_HEALTH_URL: _health_url(application),
        outputs.CA_CERTIFICATE: balancer.ca_certificate,
        outputs.EDGE_STATISTICS_URL: balancer.statistics_url,
        outputs.EDGE_TABLE: balancer.table,
        outputs.EDGE_STANDBY: balancer.standby,
        outputs.ENDPOINTS: pulumi.Output.all(
            **{name: service.endpoints for name, service in services.items()}
        ),
        outputs.DATABASE: application.database.connection,
        outputs.SECRETS: application.secrets.values,
        outputs.RUN_DIRECTORY: _run_directory(application),
        outputs.SLOT_URLS: pulumi.Output.all(
            **{name: service.slot_urls for name, service in services.items()}
        ),
        outputs.SLOT_ACCESS: pulumi.Output.secret(services["frontend"].access),
        outputs.MONITORING: application.monitoring.summary,
    }


def _run_directory(application: "Application") -> pulumi.Output[str | None]:
    chosen = application.foundation.settings
    here = any(not _chosen(chosen, name).remote for name in ("frontend", "backend"))
    return application.foundation.host.run if here else pulumi.Output.from_input(None)


def _chosen(configured: Settings, concern: str) -> Any:
    return REGISTRIES[concern][getattr(configured, f"{concern}_platform")]


def _public_url(
    application: "Application", service: ServiceName, attribute: str
) -> pulumi.Output[str | None]:
    def url(known: list[Any]) -> str | None:
        state, address = known
        artifact = release.artifact(service) if (release := state.live_release()) else None
        path = getattr(artifact, attribute) if artifact else None
        return f"{address.url}{path.rstrip('/')}" if path is not None else None

    return pulumi.Output.all(application.state, application.address).apply(url)


def _health_url(application: "Application") -> pulumi.Output[str | None]:
    endpoints = application.services["backend"].endpoints

    def url(known: list[Any]) -> str | None:
        state, bases = known
        release, live = state.live_release(), state.backend.live()
        artifact = release.backend if release else None
        if artifact is None or live is None or not bases[live] or not artifact.health_path:
            return None
        return f"{bases[live][0]}{artifact.health_path}"

    return pulumi.Output.all(application.state, endpoints).apply(url)
