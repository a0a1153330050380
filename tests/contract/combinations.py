"""For each platform, settings with which it can be deployed. A new platform needs some here."""

from collections.abc import Mapping
from typing import Any

from tests.components import aws, clusters

HERE: Mapping[str, Any] = {"application": "examples/todo", "owner": "shop-team"}
IN_A_CLUSTER: Mapping[str, Any] = {
    **clusters.CHOSEN,
    "frontend_platform": "vercel",
    "database_platform": "neon",
    "monitoring_platform": "prometheus",
    "prometheus_url": "https://prometheus.example.com",
    "kubernetes_issuer": "letsencrypt",
    "backend_image_repository": "registry.example/acme/api",
    "notification_email": "oncall@example.com",
}
AT_AWS: Mapping[str, Any] = {
    **IN_A_CLUSTER,
    **aws.CHOSEN,
    "monitoring_platform": "cloudwatch",
    "slack_workspace": "T0AAAA",
    "slack_channel": "C0BBBB",
}

COMBINATIONS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "frontend": {"local": HERE, "vercel": IN_A_CLUSTER},
    "backend": {"local": HERE, "kubernetes": IN_A_CLUSTER, "aws_eks": AT_AWS},
    "database": {"local": HERE, "neon": IN_A_CLUSTER},
    "load_balancer": {"local": HERE, "gateway": IN_A_CLUSTER, "aws_alb": AT_AWS},
    "certificate": {"local": HERE, "cert_manager": IN_A_CLUSTER, "aws_acm": AT_AWS},
    "dns": {"none": HERE, "aws_route53": AT_AWS},
    "secrets": {"config": HERE, "aws_secrets_manager": AT_AWS},
    "monitoring": {"none": HERE, "prometheus": IN_A_CLUSTER, "cloudwatch": AT_AWS},
}
"""By concern and platform."""
