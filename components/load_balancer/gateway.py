"""A Gateway of the Kubernetes Gateway API, and the routes to the backend's slots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pulumi
import pulumi_kubernetes as kubernetes

from components.backend.kubernetes_objects import COMPONENT, NAME, slot_name
from components.contract.desired import SLOTS, DesiredState
from components.contract.statistics import PrometheusAddress
from components.label_values import label_values
from components.load_balancer.base import LoadBalancerArgs
from components.load_balancer.gateway_routes import backend_slots, rules
from components.load_balancer.gateway_specs import gateway, parent, redirect
from components.load_balancer.slot_services import slot_services

API_VERSION = "gateway.networking.k8s.io/v1"
WAIT_SECONDS = "120"
ACCEPTED = {"pulumi.com/waitFor": "condition=Accepted", "pulumi.com/timeoutSeconds": WAIT_SECONDS}
"""Not until it is programmed: that takes a certificate, which may take the Gateway's address."""
NOTICED = {
    "pulumi.com/waitFor": "jsonpath={.status.parents}",
    "pulumi.com/timeoutSeconds": WAIT_SECONDS,
}
"""Until a controller says something of a route."""


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """`domain` is the host that is answered to, with the certificate of the Secret.

    Either `gateway_class` makes a Gateway, or `gateway` is one that exists, as `namespace/name` or
    `namespace/name/listener`: it has its own certificate, and sends HTTP on to HTTPS itself.
    """

    provider: pulumi.ProviderResource
    namespace: pulumi.Input[str]
    domain: str
    state: pulumi.Output[DesiredState]
    gateway_class: str = ""
    gateway: str = ""
    certificate: pulumi.Input[str] | None = None
    sticky: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.domain:
            raise ValueError(
                "slipway:loadBalancerPlatform gateway needs a host name: set slipway:domain or "
                "slipway:backendDomain"
            )
        if bool(self.gateway_class) == bool(self.gateway):
            raise ValueError(
                "slipway:loadBalancerPlatform gateway needs one of slipway:kubernetesGatewayClass "
                f"and slipway:kubernetesGateway; they are {self.gateway_class!r} and "
                f"{self.gateway!r}"
            )
        if self.gateway:
            parent(self.gateway)
        elif self.certificate is None:
            raise ValueError(
                "slipway:kubernetesGatewayClass needs a certificate: set "
                "slipway:certificatePlatform cert_manager"
            )


class Gateway(pulumi.ComponentResource):
    """Services, routes to them by weight, and the Gateway where none exists."""

    TYPE: ClassVar[str] = "slipway:loadbalancer:Gateway"
    ca_certificate: pulumi.Output[str | None]
    statistics_url: pulumi.Output[str]
    table: pulumi.Output[str | None]
    standby: pulumi.Output[str | None]
    discovered: pulumi.Resource
    origin: pulumi.Output[str]
    target: None = None

    def __init__(
        self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the Services, the Gateway and its routes."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        services = slot_services(name, args.namespace, args.labels, self._options())
        after: list[pulumi.Resource] = [*services.values()]
        if args.gateway_class:
            after.append(self._gateway())
        where = parent(args.gateway) if args.gateway else parent(NAME, "https")
        names = {slot: slot_name(slot) for slot in SLOTS}
        self.discovered = self._object(
            "route",
            "HTTPRoute",
            NAME,
            args.state.apply(
                lambda state: {
                    "parentRefs": [where],
                    "hostnames": [args.domain],
                    "rules": rules(backend_slots(state, names), sticky=args.sticky),
                }
            ),
            annotations=NOTICED,
            depends_on=after,
        )
        self.origin = pulumi.Output.from_input(f"https://{args.domain}")
        self.register_outputs({"origin": self.origin})

    def _gateway(self) -> pulumi.Resource:
        args = self._args
        made = self._object(
            "gateway",
            "Gateway",
            NAME,
            pulumi.Output.from_input(args.certificate).apply(
                lambda secret: gateway(args.gateway_class, args.domain, secret or "")
            ),
            annotations=ACCEPTED,
        )
        self._object(
            "redirect",
            "HTTPRoute",
            f"{NAME}-redirect",
            redirect(args.domain, parent(NAME, "http")),
            annotations=NOTICED,
            depends_on=[made],
        )
        return made

    def _object(
        self,
        noun: str,
        kind: str,
        called: str,
        spec: Any,
        *,
        annotations: Mapping[str, str],
        depends_on: list[pulumi.Resource] | None = None,
    ) -> pulumi.Resource:
        made: pulumi.Resource = kubernetes.apiextensions.CustomResource(
            f"{self._name}-{noun}",
            api_version=API_VERSION,
            kind=kind,
            metadata={
                "name": called,
                "namespace": self._args.namespace,
                "labels": {**self._args.labels, COMPONENT: NAME},
                "annotations": dict(annotations),
            },
            spec=spec,
            opts=self._options(depends_on=depends_on),
        )
        return made

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._args.provider, **more)


def declare(
    name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
) -> Gateway:
    """Declare the load balancer in the cluster of the foundation."""
    foundation, settings = args.foundation, args.foundation.settings
    nothing: str | None = None
    made = Gateway(
        name,
        GatewayArgs(
            provider=foundation.cluster.provider,
            namespace=foundation.cluster.namespace,
            domain=foundation.backend_domain,
            state=args.state,
            gateway_class=settings.kubernetes_gateway_class,
            gateway=settings.kubernetes_gateway,
            certificate=args.certificate.reference,
            sticky=settings.kubernetes_sticky,
            labels=label_values(foundation.tags()),
        ),
        opts,
    )
    made.ca_certificate = made.table = made.standby = pulumi.Output.from_input(nothing)
    counted = PrometheusAddress(
        base_url=settings.prometheus_url,
        application=foundation.application,
        environment=foundation.environment,
    )
    made.statistics_url = pulumi.Output.from_input(counted.url)
    return made
