"""Have a cluster of EKS Auto Mode enforce network policies."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s


def declare_network_policies(
    name: str, labels: Mapping[str, str], opts: pulumi.ResourceOptions
) -> k8s.core.v1.ConfigMap:
    """Declare that NetworkPolicy objects mean something: Auto Mode ignores them otherwise.

    https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
    """
    return k8s.core.v1.ConfigMap(
        name,
        metadata={"name": "amazon-vpc-cni", "namespace": "kube-system", "labels": dict(labels)},
        data={"enable-network-policy-controller": "true"},
        opts=opts,
    )
