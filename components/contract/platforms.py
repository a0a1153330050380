"""Every platform of every concern: where it is declared, and what it can do, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.contract.release import ServiceName


@dataclass(frozen=True)
class Platform:
    """A line of a registry.

    `declared_by` is `module:callable`, called with a name, the concern's arguments and options.
    `splits` tells whether it gives a slot any percentage of the traffic, or only none or all.
    `plugins` are the engine's provider plugins that it needs, `statistics` the source of numbers
    of each slot's traffic, empty where there is none. `remote` is not on this machine.
    """

    declared_by: str
    splits: bool = True
    plugins: tuple[str, ...] = ()
    statistics: str = ""
    remote: bool = False


FRONTENDS: Mapping[str, Platform] = {
    "local": Platform("components.frontend.local:LocalFrontend"),
    "vercel": Platform(
        "components.frontend.vercel:declare", splits=False, plugins=("vercel",), remote=True
    ),
}
BACKENDS: Mapping[str, Platform] = {
    "local": Platform("components.backend.local:LocalBackend"),
    "kubernetes": Platform(
        "components.backend.kubernetes:declare", plugins=("kubernetes",), remote=True
    ),
    "aws_eks": Platform(
        "components.backend.kubernetes:declare", plugins=("aws", "kubernetes"), remote=True
    ),
}
CLUSTERS: Mapping[str, Platform] = {
    "kubernetes": Platform("components.cluster.existing:declare", plugins=("kubernetes",)),
    "aws_eks": Platform("components.cluster.aws_eks:declare", plugins=("aws", "kubernetes")),
}
"""By the backend's platform: the cluster that it runs on."""
DATABASES: Mapping[str, Platform] = {
    "local": Platform("components.database.local:LocalDatabase"),
    "neon": Platform("components.database.neon:NeonDatabase", remote=True),
}
LOAD_BALANCERS: Mapping[str, Platform] = {
    "local": Platform("components.load_balancer.local:LocalLoadBalancer", statistics="envoy"),
    "gateway": Platform(
        "components.load_balancer.gateway:declare",
        plugins=("kubernetes",),
        statistics="prometheus",
        remote=True,
    ),
    "aws_alb": Platform(
        "components.load_balancer.aws_alb:declare",
        plugins=("aws", "kubernetes"),
        statistics="cloudwatch",
        remote=True,
    ),
}
CERTIFICATES: Mapping[str, Platform] = {
    "local": Platform("components.certificates.local:declare"),
    "cert_manager": Platform(
        "components.certificates.cert_manager:declare", plugins=("kubernetes",), remote=True
    ),
    "aws_acm": Platform("components.certificates.aws_acm:declare", plugins=("aws",), remote=True),
}
DNS: Mapping[str, Platform] = {
    "none": Platform("components.dns.none:declare"),
    "aws_route53": Platform("components.dns.aws_route53:declare", plugins=("aws",), remote=True),
}
SECRETS: Mapping[str, Platform] = {
    "config": Platform("components.secrets.config:ConfigSecrets"),
    "aws_secrets_manager": Platform(
        "components.secrets.aws_secrets_manager:declare", plugins=("aws",), remote=True
    ),
}
MONITORING: Mapping[str, Platform] = {
    "none": Platform("components.monitoring.none:declare"),
    "prometheus": Platform(
        "components.monitoring.prometheus:declare", plugins=("kubernetes",), remote=True
    ),
    "cloudwatch": Platform(
        "components.monitoring.cloudwatch:declare", plugins=("aws",), remote=True
    ),
}

REGISTRIES: Mapping[str, Mapping[str, Platform]] = {
    "frontend": FRONTENDS,
    "backend": BACKENDS,
    "database": DATABASES,
    "load_balancer": LOAD_BALANCERS,
    "certificate": CERTIFICATES,
    "dns": DNS,
    "secrets": SECRETS,
    "monitoring": MONITORING,
}
"""By the beginning of the setting `<concern>_platform` that chooses from it."""
SERVED_BY: Mapping[ServiceName, Mapping[str, Platform]] = {
    "frontend": FRONTENDS,
    "backend": BACKENDS,
}
