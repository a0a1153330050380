"""The application as a whole: composes the platforms that the settings name."""

from typing import Any, ClassVar

import pulumi

import components.backend
import components.database
import components.frontend
import components.load_balancer
import components.secrets
from components import platforms, settings
from components.contract import outputs
from components.contract.desired import Address
from components.contract.release import ServiceName
from components.contract.values import reference_values
from components.database.base import DatabaseArgs
from components.host import Host, HostArgs
from components.load_balancer.base import LoadBalancerArgs
from components.local_service import ServiceArgs
from components.secrets.base import SecretsArgs

FALLBACK_HOST = "localhost"


class Application(pulumi.ComponentResource):
    """Frontend, backend, database, load balancer and secrets of one environment."""

    TYPE: ClassVar[str] = "slipway:index:Application"

    def __init__(
        self, name: str, args: settings.Inputs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the application."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self.host = self._declare_host()
        self.address = pulumi.Output.all(args.state, self.host.ports).apply(self._address)
        self.secrets = self._declare_secrets()
        self.database = self._declare(
            "database",
            components.database.PLATFORMS,
            DatabaseArgs(
                environment=args.environment,
                host=self.host,
                state=args.state,
                settings=args.settings,
            ),
        )
        self.load_balancer = self._declare(
            "load_balancer",
            components.load_balancer.PLATFORMS,
            LoadBalancerArgs(host=self.host, state=args.state, address=self.address),
        )
        self.services = self._declare_services()
        self.register_outputs({"public_url": self.address.apply(lambda a: a.url)})

    def outputs(self) -> dict[str, pulumi.Output[Any]]:
        """Return the stack's outputs by the names of the contract."""
        state, services = self._args.state, self.services
        url = self.address.apply(lambda a: a.url)
        return {
            outputs.STATE: pulumi.Output.all(state, self.address).apply(
                lambda k: k[0].model_copy(update={"address": k[1]}).model_dump(mode="json")
            ),
            outputs.PUBLIC_URL: url,
            outputs.API_URL: self._public_url("backend", "route"),
            outputs.FRONTEND_HEALTH_URL: self._public_url("frontend", "health_path"),
            outputs.BACKEND_HEALTH_URL: self._health_url(),
            outputs.CA_CERTIFICATE: self.load_balancer.ca_certificate,
            outputs.EDGE_STATISTICS_URL: self.load_balancer.statistics_url,
            outputs.EDGE_TABLE: self.load_balancer.table,
            outputs.EDGE_STANDBY: self.load_balancer.standby,
            outputs.ENDPOINTS: pulumi.Output.all(
                **{name: service.endpoints for name, service in services.items()}
            ),
            outputs.DATABASE: self.database.connection,
            outputs.SECRETS: self.secrets.values,
            outputs.RUN_DIRECTORY: self.host.run,
        }

    def _declare(self, concern: str, registry: dict[str, str], args: object) -> Any:
        named = getattr(self._args.settings, f"{concern}_platform")
        platform = platforms.load(concern.replace("_", " "), named, registry)
        return platform(*self._placed(concern.replace("_", "-"), args))

    def _placed(self, noun: str, args: Any) -> tuple[str, Any, pulumi.ResourceOptions]:
        return f"{self._name}-{noun}", args, pulumi.ResourceOptions(parent=self)

    def _declare_host(self) -> Host:
        configured = self._args.settings
        replicas: dict[ServiceName, int] = {
            "backend": configured.backend_replicas,
            "frontend": configured.frontend_replicas,
        }
        host = HostArgs(
            folder=self._args.run,
            state=self._args.state,
            replicas=replicas,
            public_port=configured.public_port,
        )
        return Host(*self._placed("host", host))

    def _declare_secrets(self) -> Any:
        args = SecretsArgs(
            releases=self._args.state.apply(lambda state: state.releases),
            given=self._args.given,
            kept=self._args.kept,
        )
        return self._declare("secrets", components.secrets.PLATFORMS, args)

    def _declare_services(self) -> dict[ServiceName, Any]:
        values = self._values()
        service = ServiceArgs(
            host=self.host,
            state=self._args.state,
            values=values,
            discovered=self.load_balancer.discovered,
        )
        return {
            "backend": self._declare("backend", components.backend.PLATFORMS, service),
            "frontend": self._declare("frontend", components.frontend.PLATFORMS, service),
        }

    def _address(self, known: list[Any]) -> Address:
        state, ports = known
        named = self._args.settings.domain or (state.address.host if state.address else None)
        return Address(host=named or FALLBACK_HOST, port=ports["public"])

    def _values(self) -> pulumi.Output[dict[str, str]]:
        known = pulumi.Output.all(
            state=self._args.state,
            address=self.address,
            ports=self.host.ports,
            database=self.database.connection,
            secrets=self.secrets.values,
        )
        return pulumi.Output.secret(
            known.apply(
                lambda k: reference_values(
                    self._args.environment,
                    k["state"],
                    k["address"],
                    internal_url=f"http://127.0.0.1:{k['ports']['internal']}",
                    database=k["database"],
                    secrets=k["secrets"],
                )
            )
        )

    def _public_url(self, service: ServiceName, attribute: str) -> pulumi.Output[str | None]:
        def url(known: list[Any]) -> str | None:
            state, address = known
            artifact = release.artifact(service) if (release := state.live_release()) else None
            path = getattr(artifact, attribute) if artifact else None
            return f"{address.url}{path.rstrip('/')}" if path is not None else None

        return pulumi.Output.all(self._args.state, self.address).apply(url)

    def _health_url(self) -> pulumi.Output[str | None]:
        endpoints = self.services["backend"].endpoints

        def url(known: list[Any]) -> str | None:
            state, bases = known
            release, live = state.live_release(), state.backend.live()
            artifact = release.backend if release else None
            if artifact is None or live is None or not bases[live] or not artifact.health_path:
                return None
            return f"{bases[live][0]}{artifact.health_path}"

        return pulumi.Output.all(self._args.state, endpoints).apply(url)
