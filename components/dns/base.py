"""What every platform of the DNS is given."""

from dataclasses import dataclass

import pulumi

from components.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a host name leads. `name` is another name, or an address where it is one; `zone` is
    the hosted zone of an AWS load balancer, which makes an alias of it."""

    name: pulumi.Output[str]
    zone: pulumi.Output[str] | None = None


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """`targets` maps host names to where they lead."""

    foundation: Foundation
    targets: dict[str, Target]
