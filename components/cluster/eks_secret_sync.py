"""Let the Secrets Store CSI driver of EKS fill Secrets in one namespace."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

ADDON = "aws-secrets-store-csi-driver-provider"
"""Of EKS: the CSI driver, and AWS's part of it."""
DRIVER = {
    "kind": "ServiceAccount",
    "name": "secrets-store-csi-driver",
    "namespace": "aws-secrets-manager",
}
"""Where the add-on runs the driver."""
GROUP = "rbac.authorization.k8s.io"


def allow(
    name: str,
    prefix: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Declare what the add-on leaves out, although it takes the setting for it.

    The driver lists Secrets of the whole cluster to find its own; it makes them here alone.
    https://github.com/aws/secrets-store-csi-driver-provider-aws/issues/597
    """
    called = f"{prefix}-secret-sync"
    anywhere = {"name": called, "labels": dict(labels)}
    here = {**anywhere, "namespace": namespace}
    k8s.rbac.v1.ClusterRole(
        f"{name}-finding", metadata=anywhere, rules=_on_secrets("list", "watch"), opts=opts
    )
    k8s.rbac.v1.ClusterRoleBinding(
        f"{name}-finding-binding",
        metadata=anywhere,
        role_ref={"apiGroup": GROUP, "kind": "ClusterRole", "name": called},
        subjects=[DRIVER],
        opts=opts,
    )
    k8s.rbac.v1.Role(
        f"{name}-filling",
        metadata=here,
        rules=_on_secrets("get", "create", "update", "patch", "delete"),
        opts=opts,
    )
    k8s.rbac.v1.RoleBinding(
        f"{name}-filling-binding",
        metadata=here,
        role_ref={"apiGroup": GROUP, "kind": "Role", "name": called},
        subjects=[DRIVER],
        opts=opts,
    )


def _on_secrets(*verbs: str) -> list[dict[str, Any]]:
    return [{"apiGroups": [""], "resources": ["secrets"], "verbs": [*verbs]}]
