"""No certificate of its own: the load balancer on this machine makes one."""

import pulumi

from components.certificates.base import Certificate, CertificateArgs


def declare(
    name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
) -> Certificate:
    """Declare nothing."""
    return Certificate()
