"""A cluster that exists, given by a kubeconfig."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_kubernetes as kubernetes

from components.cluster.base import Network
from components.cluster.namespace import declare_namespace
from components.foundation import Foundation
from components.label_values import label_values

CURRENT = "current-context"
NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
TARGET_GROUP_BINDING = ("elbv2.k8s.aws/v1beta1", "TargetGroupBinding")
"""That of the AWS Load Balancer Controller, where somebody runs it there."""


@dataclass(frozen=True, kw_only=True)
class ExistingClusterArgs:
    """`context` is one of the kubeconfig's, empty for its current one; `namespace` is made."""

    namespace: str
    context: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAMESPACE.fullmatch(self.namespace):
            raise ValueError(
                f"namespace: expected up to 63 lower-case letters, digits and hyphens, "
                f"got {self.namespace!r}"
            )


class ExistingCluster(pulumi.ComponentResource):
    """A way into the cluster, and a namespace there.

    The kubeconfig is read by the provider itself, from KUBECONFIG or `~/.kube/config`: no
    credential becomes part of the state. Another context is another cluster: everything is made
    there, and removed here.
    """

    TYPE: ClassVar[str] = "slipway:cluster:ExistingCluster"
    provider: pulumi.ProviderResource
    namespace: pulumi.Output[str]
    network: Network | None = None
    target_group_binding: tuple[str, str] = TARGET_GROUP_BINDING
    cluster_name: pulumi.Output[str] | None = None

    def __init__(
        self, name: str, args: ExistingClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the provider and the namespace."""
        super().__init__(self.TYPE, name, None, opts)
        self.provider = kubernetes.Provider(
            f"{name}-provider",
            context=args.context or None,
            cluster_identifier=args.context or CURRENT,
            opts=pulumi.ResourceOptions(parent=self),
        )
        made = declare_namespace(
            f"{name}-namespace",
            args.namespace,
            args.labels,
            pulumi.ResourceOptions(parent=self, provider=self.provider),
        )
        self.namespace = made.metadata.apply(lambda metadata: str(metadata["name"]))
        self.register_outputs({"namespace": self.namespace})


def declare(
    name: str, foundation: Foundation, opts: pulumi.ResourceOptions | None = None
) -> ExistingCluster:
    """Declare what the settings say of an existing cluster."""
    settings = foundation.settings
    args = ExistingClusterArgs(
        namespace=settings.kubernetes_namespace or foundation.prefix,
        context=settings.kubernetes_context,
        labels=label_values(foundation.tags()),
    )
    return ExistingCluster(name, args, opts)
