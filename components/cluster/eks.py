"""A Kubernetes cluster at AWS: EKS in a network of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws

from components.cluster import (
    eks_administrators,
    eks_control_plane,
    eks_nodes,
    eks_secret_sync,
    eks_version,
)
from components.cluster.base import Network
from components.cluster.eks_access import way_in
from components.cluster.eks_network_policies import declare_network_policies
from components.cluster.encryption import declare_key
from components.cluster.namespace import declare_namespace
from components.cluster.network import EVERYWHERE, AwsNetwork, AwsNetworkArgs
from components.label_values import label_values

NAME_LIMIT = 100
LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
OWN_BALANCING = ("eks.amazonaws.com/v1", "TargetGroupBinding")
INSTALLED_BALANCING = ("elbv2.k8s.aws/v1beta1", "TargetGroupBinding")


@dataclass(frozen=True, kw_only=True)
class EksArgs:
    """`name` is the cluster's own, `version` that of Kubernetes, one minor version above the one
    that runs at most.

    `administrators` are ARNs of IAM roles and users with all rights in it, besides the identity
    that makes it. `public_cidrs` may reach its API server from outside; of none, nobody may.
    `kept` has the engine refuse to delete it, `deletion_protection` AWS.
    """

    name: str
    namespace: str
    region: str
    network: AwsNetworkArgs
    tags: Mapping[str, str]
    version: str
    nodes: eks_nodes.NodesArgs
    administrators: Sequence[str] = ()
    public_cidrs: Sequence[str] = (EVERYWHERE,)
    log_days: int = 90
    kept: bool = False
    deletion_protection: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for a name that EKS would not take."""
        if len(self.name) > NAME_LIMIT:
            raise ValueError(f"name: EKS takes {NAME_LIMIT} characters, got {len(self.name)}")


class Eks(pulumi.ComponentResource):
    """A control plane whose secrets are encrypted and whose logs are kept, and its nodes.

    Access is by entries (IAM) alone, and pods get roles by EKS Pod Identity.
    """

    TYPE: ClassVar[str] = "slipway:cluster:Eks"
    provider: pulumi.ProviderResource
    namespace: pulumi.Output[str]
    network: Network | None
    target_group_binding: tuple[str, str]
    cluster_name: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: EksArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the cluster."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        net = AwsNetwork(f"{name}-network", args.network, self._inside)
        self.cluster = cluster = self._control_plane(net)
        tags = self._tags("administrator")
        eks_administrators.declare(name, cluster.name, args.administrators, tags, self._inside)
        nodes = eks_nodes.declare(name, cluster, net, args.nodes, self._inside)
        self.cluster_name = cluster.name
        self.network = net.network(cluster.vpc_config.cluster_security_group_id)
        auto = args.nodes.nodes == "auto"
        self.target_group_binding = OWN_BALANCING if auto else INSTALLED_BALANCING
        # What runs there waits for nodes, and is gone before they are.
        after = pulumi.ResourceOptions(parent=self, depends_on=[*nodes])
        self.provider = way_in(f"{name}-kubernetes", cluster, args.region, after)
        self.namespace = self._namespace(auto=auto)
        self.register_outputs({"cluster_name": cluster.name, "namespace": self.namespace})

    def _tags(self, noun: str) -> dict[str, str]:
        return {**self._args.tags, "Name": f"{self._args.name}-{noun}"}

    def _control_plane(self, net: AwsNetwork) -> aws.eks.Cluster:
        args, name = self._args, self._name
        key = declare_key(
            f"{name}-key",
            alias=f"{args.name}-cluster",
            description=f"Secrets in the cluster {args.name}",
            tags=self._tags("key"),
            keep=args.kept,
            opts=self._inside,
        )
        nodes = args.nodes.nodes
        role, allowed = eks_control_plane.role(
            f"{name}-role", nodes, key, self._tags("role"), self._inside
        )
        return aws.eks.Cluster(
            f"{name}-control-plane",
            name=args.name,
            role_arn=role.arn,
            version=args.version,
            access_config=eks_control_plane.ACCESS,
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
            enabled_cluster_log_types=[*LOGS],
            vpc_config=self._reached(net),
            upgrade_policy={"support_type": "STANDARD"},
            deletion_protection=args.deletion_protection,
            tags=self._tags("control-plane"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._logs(), *allowed],
                protect=args.kept,
                hooks=eks_version.one_at_a_time(name),
            ),
            **eks_control_plane.properties(nodes, name, args.tags, self._inside),
        )

    def _reached(self, net: AwsNetwork) -> dict[str, Any]:
        cidrs = [*self._args.public_cidrs]
        return {
            "subnet_ids": [subnet.id for subnet in net.private_subnets],
            "endpoint_private_access": True,
            "endpoint_public_access": bool(cidrs),
            "public_access_cidrs": cidrs or None,
        }

    def _logs(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            # EKS writes into the group of this name, and would make one that is kept forever.
            name=f"/aws/eks/{self._args.name}/cluster",
            retention_in_days=self._args.log_days,
            tags=self._tags("logs"),
            opts=self._inside,
        )

    def _namespace(self, *, auto: bool) -> pulumi.Output[str]:
        inside = pulumi.ResourceOptions(parent=self, provider=self.provider)
        labels = label_values(self._args.tags)
        if auto:
            declare_network_policies(f"{self._name}-network-policies", labels, inside)
        gate = "eks.amazonaws.com" if auto else "elbv2.k8s.aws"
        made = declare_namespace(
            f"{self._name}-namespace",
            self._args.namespace,
            # A new pod counts as ready once the load balancer finds it healthy.
            {**labels, f"{gate}/pod-readiness-gate-inject": "enabled"},
            inside,
        )
        called: pulumi.Output[str] = made.metadata.apply(lambda metadata: str(metadata["name"]))
        if eks_secret_sync.ADDON in self._args.nodes.addons:
            eks_secret_sync.allow(
                f"{self._name}-secret-sync", self._args.name, called, labels, inside
            )
        return called
