"""The namespace of one environment, where only pods without privileges are let in."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as kubernetes

LEVEL = "restricted"
"""https://kubernetes.io/docs/concepts/security/pod-security-standards/"""


def declare_namespace(
    name: str,
    called: str,
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> kubernetes.core.v1.Namespace:
    """Declare a namespace; `labels` are on it beside those that restrict its pods."""
    security = {
        f"pod-security.kubernetes.io/{mode}": LEVEL for mode in ("enforce", "audit", "warn")
    }
    return kubernetes.core.v1.Namespace(
        name, metadata={"name": called, "labels": {**labels, **security}}, opts=opts
    )
