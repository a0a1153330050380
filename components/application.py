"""The application as a whole: composes the platforms that the settings name."""

from typing import Any, ClassVar

import pulumi

from components import described, platforms, settings
from components.certificates.base import CertificateArgs
from components.contract.desired import Address
from components.contract.platforms import REGISTRIES
from components.contract.release import ServiceName
from components.contract.values import reference_values
from components.database.base import Database, DatabaseArgs
from components.dns.base import Dns, DnsArgs, Target
from components.foundation import Foundation
from components.load_balancer.base import LoadBalancer, LoadBalancerArgs
from components.monitoring.base import Monitoring, MonitoringArgs
from components.protection import protecting
from components.secrets.base import Secrets, SecretsArgs
from components.service import Service, ServiceArgs


class Application(pulumi.ComponentResource):
    """Frontend, backend, database, load balancer, secrets and monitoring of one environment."""

    TYPE: ClassVar[str] = "slipway:index:Application"
    secrets: Secrets
    database: Database
    load_balancer: LoadBalancer
    dns: Dns
    services: dict[ServiceName, Service]
    monitoring: Monitoring

    def __init__(
        self, name: str, args: settings.Inputs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the application."""
        # By hand, too, nothing is lost that no deployment can make again.
        kept = pulumi.ResourceOptions.merge(opts, protecting(args.environment))
        super().__init__(self.TYPE, name, None, kept)
        self._name, self._args = name, args
        self.foundation = foundation = Foundation(name, args, self)
        self.address = self._address()
        self.secrets = self._declare(
            "secrets",
            SecretsArgs(
                foundation=foundation,
                releases=args.state.apply(lambda state: state.releases),
                given=args.given,
                kept=args.kept,
            ),
        )
        self.database = self._declare(
            "database",
            DatabaseArgs(
                environment=args.environment,
                foundation=foundation,
                state=args.state,
                settings=args.settings,
            ),
        )
        self.load_balancer = self._declare_load_balancer()
        self.dns = self._declare("dns", DnsArgs(foundation=foundation, targets=self._targets()))
        self.services = self._declare_services()
        self.monitoring = self._declare_monitoring()
        self.register_outputs({"public_url": self.address.apply(lambda a: a.url)})

    def outputs(self) -> dict[str, pulumi.Output[Any]]:
        """Return the stack's outputs by the names of the contract."""
        return described.outputs_of(self)

    @property
    def state(self) -> Any:
        """Return the desired state that is declared."""
        return self._args.state

    def _declare(self, concern: str, args: object) -> Any:
        named, kind = self._chosen(concern), concern.replace("_", " ")
        platform = platforms.load(kind, named, REGISTRIES[concern])
        noun = concern.replace("_", "-")
        return platform(f"{self._name}-{noun}", args, pulumi.ResourceOptions(parent=self))

    def _chosen(self, concern: str) -> str:
        return str(getattr(self._args.settings, f"{concern}_platform"))

    def _declare_load_balancer(self) -> Any:
        foundation = self.foundation
        hosts = tuple(filter(None, (foundation.backend_domain,)))
        return self._declare(
            "load_balancer",
            LoadBalancerArgs(
                foundation=foundation,
                state=self._args.state,
                address=self.address,
                certificate=self._declare(
                    "certificate", CertificateArgs(foundation=foundation, hosts=hosts)
                ),
            ),
        )

    def _declare_services(self) -> dict[ServiceName, Any]:
        service = ServiceArgs(
            foundation=self.foundation,
            state=self._args.state,
            values=self._values(),
            load_balancer=self.load_balancer,
            secrets=self.secrets,
            dns=self.dns,
        )
        return {
            "backend": self._declare("backend", service),
            "frontend": self._declare("frontend", service),
        }

    def _declare_monitoring(self) -> Any:
        return self._declare(
            "monitoring",
            MonitoringArgs(
                foundation=self.foundation,
                load_balancer=self.load_balancer,
                database=self.database.connection,
                given=self._args.given,
            ),
        )

    def _targets(self) -> dict[str, Target]:
        host, target = self.foundation.backend_domain, self.load_balancer.target
        return {host: target} if host and target is not None else {}

    def _address(self) -> pulumi.Output[Address]:
        if REGISTRIES["load_balancer"][self._chosen_known("load_balancer")].remote:
            configured = self._args.settings
            port = configured.public_port or described.HTTPS
            known = Address(host=configured.domain or described.FALLBACK_HOST, port=port)
            return pulumi.Output.from_input(known)
        return pulumi.Output.all(self._args.state, self.foundation.host.ports).apply(
            lambda known: described.local_address(self._args.settings, *known)
        )

    def _chosen_known(self, concern: str) -> str:
        named = self._chosen(concern)
        platforms.check(concern.replace("_", " "), named, REGISTRIES[concern])
        return named

    def _values(self) -> pulumi.Output[dict[str, str]]:
        known = pulumi.Output.all(
            state=self._args.state,
            address=self.address,
            origin=self.load_balancer.origin,
            database=self.database.connection,
            secrets=self.secrets.values,
        )
        return pulumi.Output.secret(
            known.apply(
                lambda k: reference_values(
                    self._args.environment,
                    k["state"],
                    k["address"],
                    internal_url=k["origin"],
                    database=k["database"],
                    secrets=k["secrets"],
                )
            )
        )
