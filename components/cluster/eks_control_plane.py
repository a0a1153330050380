"""The control plane of a cluster of EKS: whom it works as, and what it decides of nodes."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.cluster import iam
from components.cluster.eks_nodes import Nodes, node_role

EKS = "eks.amazonaws.com"
POLICIES = {
    "auto": (
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    ),
    "managed": ("AmazonEKSClusterPolicy",),
}
ACCESS = {
    "authentication_mode": "API",
    "bootstrap_cluster_creator_admin_permissions": True,
}
"""Who gets in: by entries alone, with one for whoever makes the cluster."""
POOLS = ("general-purpose", "system")


def role(
    name: str,
    nodes: Nodes,
    key: aws.kms.Key,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """Return the role that the control plane works with, and what it is allowed."""
    trust = iam.trust(EKS, *(["sts:TagSession"] if nodes == "auto" else []))
    made, attached = iam.role(name, trust, POLICIES[nodes], tags, opts)
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"]
    encrypting = aws.iam.RolePolicy(
        f"{name}-key",
        role=made.name,
        policy=iam.policy({"Action": use, "Resource": key.arn}),
        opts=opts,
    )
    return made, [*attached, encrypting]


def properties(
    nodes: Nodes, name: str, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> dict[str, Any]:
    """Return the properties of a control plane that decide on its nodes."""
    if nodes == "managed":
        return {"bootstrap_self_managed_addons": False}
    machines, _ = node_role(name, nodes, tags, opts)
    return {
        "bootstrap_self_managed_addons": False,
        "compute_config": {"enabled": True, "node_pools": [*POOLS], "node_role_arn": machines.arn},
        "kubernetes_network_config": {"elastic_load_balancing": {"enabled": True}},
        "storage_config": {"block_storage": {"enabled": True}},
    }
