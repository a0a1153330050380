"""The machines of a cluster: EKS's own (Auto Mode), or a managed node group."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.cluster import iam
from components.cluster.network import AwsNetwork

Nodes = Literal["auto", "managed"]
EC2 = "ec2.amazonaws.com"
NODE = {
    "auto": ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"),
    "managed": (
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKS_CNI_Policy",
    ),
}
BEFORE_NODES = {
    # Without it, a NetworkPolicy is accepted and means nothing.
    "vpc-cni": {"enableNetworkPolicy": "true"},
    "kube-proxy": {},
    "eks-pod-identity-agent": {},
}
"""Add-ons that a node needs to become ready, with their configuration; Auto Mode has its own."""
AFTER_NODES = ("coredns",)
ALWAYS = ("metrics-server",)
"""What autoscaling reads CPU use from; neither kind of nodes brings it along."""
DISK_GIGABYTES = 50
AMI = "AL2023_x86_64_STANDARD"


@dataclass(frozen=True, kw_only=True)
class ManagedNodes:
    """How many machines of which type a managed node group has."""

    instance_type: str = "t3.large"
    minimum: int = 2
    maximum: int = 6

    def __post_init__(self) -> None:
        """Raise ValueError where there would be fewer nodes at most than at least."""
        if self.minimum > self.maximum:
            raise ValueError(
                f"slipway:eksMinimumNodes is {self.minimum}, above slipway:eksMaximumNodes, "
                f"{self.maximum}"
            )


def declare(
    name: str,
    cluster: aws.eks.Cluster,
    network: AwsNetwork,
    args: "NodesArgs",
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Declare the nodes and add-ons; return what a workload waits for."""
    if args.nodes == "auto":
        return [_addon(name, cluster, each, args, opts) for each in (*ALWAYS, *args.addons)]
    first = [_addon(name, cluster, each, args, opts) for each in BEFORE_NODES]
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=first))
    group = _group(name, cluster, network, args, after)
    with_nodes = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[group]))
    rest = (*AFTER_NODES, *ALWAYS, *args.addons)
    return [group, *(_addon(name, cluster, each, args, with_nodes) for each in rest)]


@dataclass(frozen=True, kw_only=True)
class NodesArgs:
    """`addons` are those of EKS that are wanted besides the ones that a cluster needs."""

    tags: Mapping[str, str]
    nodes: Nodes = "auto"
    managed: ManagedNodes = ManagedNodes()
    addons: Sequence[str] = ()


def node_role(
    name: str, nodes: Nodes, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """Return the role of the machines, and what it is allowed: to join, and to fetch images."""
    return iam.role(f"{name}-node-role", iam.trust(EC2), NODE[nodes], tags, opts)


def _addon(
    name: str,
    cluster: aws.eks.Cluster,
    addon: str,
    args: NodesArgs,
    opts: pulumi.ResourceOptions,
) -> aws.eks.Addon:
    configured = BEFORE_NODES.get(addon)
    return aws.eks.Addon(
        f"{name}-{addon}",
        cluster_name=cluster.name,
        addon_name=addon,
        configuration_values=json.dumps(configured) if configured else None,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        tags=dict(args.tags),
        opts=opts,
    )


def _group(
    name: str,
    cluster: aws.eks.Cluster,
    network: AwsNetwork,
    args: NodesArgs,
    opts: pulumi.ResourceOptions,
) -> aws.eks.NodeGroup:
    inside = pulumi.ResourceOptions(parent=opts.parent)
    role, allowed = node_role(name, args.nodes, args.tags, inside)
    waits = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=allowed))
    template = _template(name, args.tags, inside)
    return aws.eks.NodeGroup(
        f"{name}-nodes",
        cluster_name=cluster.name,
        node_role_arn=role.arn,
        subnet_ids=[subnet.id for subnet in network.private_subnets],
        ami_type=AMI,
        instance_types=[args.managed.instance_type],
        # Nodes follow the control plane, in place and one after the other.
        version=cluster.version,
        launch_template={
            "id": template.id,
            "version": template.latest_version.apply(str),
        },
        scaling_config={
            "min_size": args.managed.minimum,
            "desired_size": args.managed.minimum,
            "max_size": args.managed.maximum,
        },
        update_config={"max_unavailable": 1},
        tags=dict(args.tags),
        opts=pulumi.ResourceOptions.merge(
            # Autoscaling's to decide.
            waits,
            pulumi.ResourceOptions(ignore_changes=["scalingConfig.desiredSize"]),
        ),
    )


def _template(
    name: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> aws.ec2.LaunchTemplate:
    disk = {"volume_size": DISK_GIGABYTES, "volume_type": "gp3", "encrypted": "true"}
    return aws.ec2.LaunchTemplate(
        f"{name}-node-template",
        block_device_mappings=[
            {"device_name": "/dev/xvda", "ebs": {**disk, "delete_on_termination": "true"}}
        ],
        # A pod must not get the node's role by asking its metadata.
        metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1},
        tag_specifications=[
            {"resource_type": kind, "tags": dict(tags)} for kind in ("instance", "volume")
        ],
        tags=dict(tags),
        opts=opts,
    )
