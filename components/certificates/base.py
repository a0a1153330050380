"""What every source of certificates offers."""

from dataclasses import dataclass

import pulumi

from components.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """`hosts` are the names that the load balancer answers to, the first being its main one."""

    foundation: Foundation
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Certificate:
    """`reference` is what the load balancer is given: an ARN, or the name of a TLS Secret in the
    namespace. None where the load balancer has a certificate of its own."""

    reference: pulumi.Output[str] | None = None
