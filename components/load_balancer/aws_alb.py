"""The Application Load Balancer of an environment, and the pods that are found by it."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.contract.desired import SLOTS
from components.foundation import Foundation
from components.label_values import label_values
from components.load_balancer.alb import Alb, AlbArgs
from components.load_balancer.base import LoadBalancerArgs
from components.load_balancer.slot_services import SERVICE_PORT, slot_services

PRODUCTION = "production"


class AlbService(Alb):
    """The load balancer as the application knows it."""

    ca_certificate: pulumi.Output[str | None]
    table: pulumi.Output[str | None]
    standby: pulumi.Output[str | None]
    discovered: pulumi.Resource


def declare(
    name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
) -> AlbService:
    """Declare Services, target groups, what binds them, and then the rules."""
    foundation, settings = args.foundation, args.foundation.settings
    cluster = foundation.cluster
    if cluster.network is None or cluster.cluster_name is None:
        raise ValueError(
            "slipway:loadBalancerPlatform aws_alb needs slipway:backendPlatform aws_eks, whose "
            f"network it knows; it is {settings.backend_platform}"
        )
    if args.certificate.reference is None:
        raise ValueError(
            "slipway:loadBalancerPlatform aws_alb needs slipway:certificatePlatform aws_acm; it is "
            f"{settings.certificate_platform}"
        )
    alb = AlbService(
        name,
        AlbArgs(
            prefix=foundation.prefix,
            domain=foundation.backend_domain,
            region=settings.aws_region,
            network=cluster.network,
            certificate=args.certificate.reference,
            cluster_name=cluster.cluster_name,
            state=args.state,
            tags=foundation.tags(),
            access_logs=settings.alb_access_logs_bucket,
            kept=foundation.environment == PRODUCTION and settings.aws_deletion_protection,
            delay_seconds=settings.cloudwatch_delay_seconds,
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[foundation.aws])),
    )
    nothing: str | None = None
    alb.ca_certificate = pulumi.Output.from_input(nothing)
    alb.table = alb.standby = pulumi.Output.from_input(nothing)
    alb.discovered = alb.route(_bindings(name, foundation, alb))
    return alb


def _bindings(name: str, foundation: Foundation, alb: Alb) -> list[pulumi.Resource]:
    """Declare what has the cluster register the pods of a Service in a target group."""
    cluster, labels = foundation.cluster, label_values(foundation.tags())
    inside = pulumi.ResourceOptions(parent=alb, provider=cluster.provider)
    services = slot_services(name, cluster.namespace, labels, inside)
    version, kind = cluster.target_group_binding
    return [
        kubernetes.apiextensions.CustomResource(
            f"{name}-binding-{slot}",
            api_version=version,
            kind=kind,
            metadata={
                "name": services[slot].metadata.apply(lambda metadata: metadata["name"]),
                "namespace": cluster.namespace,
                "labels": labels,
            },
            spec={
                "serviceRef": {
                    "name": services[slot].metadata.apply(lambda metadata: metadata["name"]),
                    "port": SERVICE_PORT,
                },
                "targetGroupARN": alb.groups[slot].arn,
                "targetType": "ip",
            },
            opts=inside,
        )
        for slot in SLOTS
    ]
