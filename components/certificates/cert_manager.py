"""A certificate that cert-manager gets, and renews, in the cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import pulumi
import pulumi_kubernetes as kubernetes

from components.certificates.base import Certificate, CertificateArgs
from components.label_values import label_values

SECRET = "backend-tls"
RENEW_PERCENT = 33
"""What is left of a certificate's life when it is renewed: 30 of 90 days, enough for a person."""


@dataclass(frozen=True, kw_only=True)
class CertManagerArgs:
    """`issuer` is a ClusterIssuer, `hosts` are the names that the certificate is for."""

    provider: pulumi.ProviderResource
    namespace: pulumi.Input[str]
    hosts: Sequence[str]
    issuer: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.hosts:
            raise ValueError(
                "slipway:certificatePlatform cert_manager needs a host name: set slipway:domain or "
                "slipway:backendDomain"
            )
        if not self.issuer:
            raise ValueError("slipway:kubernetesIssuer: expected the name of a ClusterIssuer")


class CertManagerCertificate(pulumi.ComponentResource):
    """A certificate in a Secret of the namespace, with a new key each time it is renewed.

    Nobody waits for it: where the issuer asks the host name itself for proof, the Gateway has to
    be there first, and its address in the DNS. See `kubectl describe certificate backend-tls`.
    """

    TYPE: ClassVar[str] = "slipway:certificate:CertManagerCertificate"
    secret: pulumi.Output[str]

    def __init__(
        self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the certificate."""
        super().__init__(self.TYPE, name, None, opts)
        made = kubernetes.apiextensions.CustomResource(
            f"{name}-certificate",
            api_version="cert-manager.io/v1",
            kind="Certificate",
            metadata={
                "name": SECRET,
                "namespace": args.namespace,
                "labels": dict(args.labels),
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                "secretName": SECRET,
                "dnsNames": list(args.hosts),
                "issuerRef": {"name": args.issuer, "kind": "ClusterIssuer"},
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "usages": ["digital signature", "server auth"],
                "renewBeforePercentage": RENEW_PERCENT,
            },
            opts=pulumi.ResourceOptions(parent=self, provider=args.provider),
        )
        self.secret = made.id.apply(lambda _id: SECRET)
        self.register_outputs({"secret": self.secret})


def declare(
    name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
) -> Certificate:
    """Declare the certificate in the cluster of the foundation."""
    foundation = args.foundation
    made = CertManagerCertificate(
        name,
        CertManagerArgs(
            provider=foundation.cluster.provider,
            namespace=foundation.cluster.namespace,
            hosts=args.hosts,
            issuer=foundation.settings.kubernetes_issuer,
            labels=label_values(foundation.tags()),
        ),
        opts,
    )
    return Certificate(reference=made.secret)
