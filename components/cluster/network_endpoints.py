"""AWS's own services inside a network: for private subnets with no way to the internet."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from components.cluster.network import AwsNetwork, AwsNetworkArgs

SERVICES = (
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "sts",
)
"""What nodes, the load balancer's controller, logs and secrets need. An endpoint is billed hourly
in each zone."""
HTTPS = 443


def declare(
    network: "AwsNetwork",
    name: str,
    args: "AwsNetworkArgs",
    tables: list[aws.ec2.RouteTable],
    tags: Callable[[str], dict[str, str]],
) -> None:
    """Declare the free endpoint of S3, where images' layers lie, and the others where asked for."""
    inside = pulumi.ResourceOptions(parent=network)
    aws.ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=network.vpc.id,
        service_name=f"com.amazonaws.{args.region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags=tags("s3"),
        opts=inside,
    )
    if args.outbound != "endpoints":
        return
    group = _group(network, name, args, tags)
    for service in SERVICES:
        aws.ec2.VpcEndpoint(
            f"{name}-{service.replace('.', '-')}",
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{args.region}.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[subnet.id for subnet in network.private_subnets],
            security_group_ids=[group.id],
            tags=tags(service),
            opts=inside,
        )


def _group(
    network: "AwsNetwork",
    name: str,
    args: "AwsNetworkArgs",
    tags: Callable[[str], dict[str, str]],
) -> aws.ec2.SecurityGroup:
    inside = pulumi.ResourceOptions(parent=network)
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints",
        vpc_id=network.vpc.id,
        description="AWS services, for what is inside this network",
        tags=tags("endpoints"),
        opts=inside,
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-endpoints-https",
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        cidr_ipv4=args.addresses,
        tags=tags("endpoints-https"),
        opts=inside,
    )
    return group
