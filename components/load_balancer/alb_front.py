"""What the public meets of an Application Load Balancer: its addresses and its listeners."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.backend.kubernetes_variables import PORT
from components.physical_names import within

if TYPE_CHECKING:
    from components.load_balancer.alb import AlbArgs

NAME_LIMIT = 32
EVERYWHERE = "0.0.0.0/0"
HTTP, HTTPS = 80, 443
TLS = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
"""TLS 1.2 and 1.3 with forward secrecy and authenticated encryption alone."""
STRICT = "max-age=31536000"
IDLE_SECONDS = 65
NOTHING_HERE = {"content_type": "text/plain", "status_code": "404", "message_body": "not here\n"}


@dataclass(frozen=True)
class Front:
    """The load balancer, and the listener that its rules belong to."""

    balancer: aws.lb.LoadBalancer
    listener: aws.lb.Listener


def declare(name: str, args: "AlbArgs", inside: pulumi.ResourceOptions) -> Front:
    """Declare the load balancer, who may talk to it and to whom it may talk, and its listeners."""
    balancer = aws.lb.LoadBalancer(
        f"{name}-balancer",
        name=within(NAME_LIMIT, args.prefix),
        load_balancer_type="application",
        internal=False,
        subnets=args.network.public_subnets,
        security_groups=[_group(name, args, inside).id],
        drop_invalid_header_fields=True,
        desync_mitigation_mode="defensive",
        enable_deletion_protection=args.kept,
        idle_timeout=IDLE_SECONDS,
        access_logs={"bucket": args.access_logs, "prefix": args.prefix, "enabled": True}
        if args.access_logs
        else None,
        tags=dict(args.tags),
        opts=inside,
    )
    return Front(balancer=balancer, listener=_listeners(name, args, balancer, inside))


def _listeners(
    name: str, args: "AlbArgs", balancer: aws.lb.LoadBalancer, inside: pulumi.ResourceOptions
) -> aws.lb.Listener:
    tags = dict(args.tags)
    to_https = {"port": str(HTTPS), "protocol": "HTTPS", "status_code": "HTTP_301"}
    aws.lb.Listener(
        f"{name}-http",
        load_balancer_arn=balancer.arn,
        port=HTTP,
        protocol="HTTP",
        default_actions=[{"type": "redirect", "redirect": to_https}],
        tags=tags,
        opts=inside,
    )
    return aws.lb.Listener(
        f"{name}-https",
        load_balancer_arn=balancer.arn,
        port=HTTPS,
        protocol="HTTPS",
        ssl_policy=TLS,
        certificate_arn=args.certificate,
        routing_http_response_strict_transport_security_header_value=STRICT,
        routing_http_response_server_enabled=False,
        default_actions=[{"type": "fixed-response", "fixed_response": NOTHING_HERE}],
        tags=tags,
        opts=inside,
    )


def _group(name: str, args: "AlbArgs", inside: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
    tags = dict(args.tags)
    group = aws.ec2.SecurityGroup(
        f"{name}-group",
        vpc_id=args.network.vpc,
        description=f"Load balancer of {args.prefix}",
        tags={**tags, "Name": f"{args.prefix}-load-balancer"},
        opts=inside,
    )
    for scheme, port in (("http", HTTP), ("https", HTTPS)):
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{scheme}",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=EVERYWHERE,
            tags=tags,
            opts=inside,
        )
    pods = args.network.pods_security_group
    between = {"ip_protocol": "tcp", "from_port": PORT, "to_port": PORT, "tags": tags}
    aws.vpc.SecurityGroupEgressRule(
        f"{name}-to-pods",
        security_group_id=group.id,
        referenced_security_group_id=pods,
        opts=inside,
        **between,
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-into-pods",
        security_group_id=pods,
        referenced_security_group_id=group.id,
        opts=inside,
        **between,
    )
    return group
