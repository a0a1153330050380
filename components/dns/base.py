"""What every platform of the DNS is given, and what it offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a host name leads. `name` is another name, or an address where it is one; `zone` is
    the hosted zone of an AWS load balancer, which makes an alias of it. `address` leads there too,
    where the host is a zone's own name, which cannot be another name for something."""

    name: pulumi.Output[str]
    zone: pulumi.Output[str] | None = None
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class DnsArgs:
    """`targets` maps host names to where they lead."""

    foundation: Foundation
    targets: dict[str, Target]


class Dns(Protocol):
    """Host names of an environment, those of `DnsArgs.targets` and what services add to them."""

    def lead(self, host: str, target: Target) -> list[pulumi.Resource]:
        """Make a host name lead somewhere, and return what makes it so, for others to wait for.

        That is nothing where names are looked after elsewhere.
        """
