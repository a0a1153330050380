"""Every platform of every concern: where it is declared, and what it can do, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from components.contract.release import ServiceName


@dataclass(frozen=True)
class Platform:
    """A line of a registry.

    `declared_by` is `module:callable`, called with a name, the concern's arguments and options.
    `splits` tells whether it gives a slot any percentage of the traffic, or only none or all.
    `plugins` are the engine's provider plugins that it needs, `statistics` the source of numbers
    of each slot's traffic, empty where there is none. `remote` is not on this machine. `needs` are
    settings without which it cannot be declared, in groups of which one is enough; `credentials`
    are environment variables of which one has to be set. `beside` are the platforms of other
    concerns that it works with, where it does not with all.
    """

    declared_by: str
    splits: bool = True
    plugins: tuple[str, ...] = ()
    statistics: str = ""
    remote: bool = False
    needs: tuple[tuple[str, ...], ...] = ()
    credentials: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


AWS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)
"""What says where credentials of AWS are; on an instance of AWS with a role none of them is set:
`AWS_PROFILE` then names a profile with `credential_source`."""
ON_CLUSTERS = ("kubernetes", "aws_eks")

FRONTENDS: Mapping[str, Platform] = {
    "local": Platform(
        "components.frontend.local:LocalFrontend",
        beside={"backend": ("local",), "load_balancer": ("local",)},
    ),
    "vercel": Platform(
        "components.frontend.vercel:declare",
        splits=False,
        plugins=("vercel",),
        remote=True,
        needs=(("domain",),),
        credentials=("VERCEL_API_TOKEN",),
        beside={"backend": ON_CLUSTERS, "load_balancer": ("gateway", "aws_alb")},
    ),
}
BACKENDS: Mapping[str, Platform] = {
    "local": Platform("components.backend.local:LocalBackend"),
    "kubernetes": Platform(
        "components.backend.kubernetes:declare",
        plugins=("kubernetes",),
        remote=True,
        needs=(("backend_image_repository",),),
        beside={"load_balancer": ("gateway",), "database": ("neon",)},
    ),
    "aws_eks": Platform(
        "components.backend.kubernetes:declare",
        plugins=("aws", "kubernetes"),
        remote=True,
        needs=(("backend_image_repository",),),
        credentials=AWS,
        beside={"load_balancer": ("gateway", "aws_alb"), "database": ("neon",)},
    ),
}
CLUSTERS: Mapping[str, Platform] = {
    "kubernetes": Platform("components.cluster.existing:declare", plugins=("kubernetes",)),
    "aws_eks": Platform("components.cluster.aws_eks:declare", plugins=("aws", "kubernetes")),
}
"""By the backend's platform: the cluster that it runs on."""
DATABASES: Mapping[str, Platform] = {
    "local": Platform("components.database.local:LocalDatabase"),
    "neon": Platform(
        "components.database.neon:NeonDatabase", remote=True, credentials=("NEON_API_KEY",)
    ),
}
LOAD_BALANCERS: Mapping[str, Platform] = {
    "local": Platform("components.load_balancer.local:LocalLoadBalancer", statistics="envoy"),
    "gateway": Platform(
        "components.load_balancer.gateway:declare",
        plugins=("kubernetes",),
        statistics="prometheus",
        remote=True,
        needs=(("kubernetes_gateway", "kubernetes_gateway_class"),),
        beside={"certificate": ("cert_manager",)},
    ),
    "aws_alb": Platform(
        "components.load_balancer.aws_alb:declare",
        plugins=("aws", "kubernetes"),
        statistics="cloudwatch",
        remote=True,
        credentials=AWS,
        beside={"certificate": ("aws_acm",)},
    ),
}
CERTIFICATES: Mapping[str, Platform] = {
    "local": Platform("components.certificates.local:declare"),
    "cert_manager": Platform(
        "components.certificates.cert_manager:declare",
        plugins=("kubernetes",),
        remote=True,
        needs=(("kubernetes_issuer",),),
    ),
    "aws_acm": Platform(
        "components.certificates.aws_acm:declare",
        plugins=("aws",),
        remote=True,
        needs=(("route53_zone",),),
        credentials=AWS,
    ),
}
DNS: Mapping[str, Platform] = {
    "none": Platform("components.dns.none:declare"),
    "aws_route53": Platform(
        "components.dns.aws_route53:declare",
        plugins=("aws",),
        remote=True,
        needs=(("route53_zone",),),
        credentials=AWS,
        # a Gateway says in the cluster where it is, if at all: the backend would have no record
        beside={"load_balancer": ("aws_alb",)},
    ),
}
SECRETS: Mapping[str, Platform] = {
    "config": Platform("components.secrets.config:ConfigSecrets"),
    "aws_secrets_manager": Platform(
        "components.secrets.aws_secrets_manager:declare",
        plugins=("aws", "random"),
        remote=True,
        credentials=AWS,
        beside={"backend": ("aws_eks",)},
    ),
}
MONITORING: Mapping[str, Platform] = {
    "none": Platform("components.monitoring.none:declare"),
    "prometheus": Platform(
        "components.monitoring.prometheus:declare",
        plugins=("kubernetes",),
        remote=True,
        needs=(("prometheus_url",),),
        beside={"backend": ON_CLUSTERS},
    ),
    "cloudwatch": Platform(
        "components.monitoring.cloudwatch:declare",
        plugins=("aws",),
        remote=True,
        credentials=AWS,
        beside={"load_balancer": ("aws_alb",)},
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


def elsewhere(chosen: Callable[[str], str]) -> bool:
    """Tell whether any platform is not on this machine; `chosen` is asked with each concern."""
    found = (registry.get(chosen(concern)) for concern, registry in REGISTRIES.items())
    return any(platform.remote for platform in found if platform)
