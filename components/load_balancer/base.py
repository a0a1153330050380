"""What every platform of the load balancer offers."""

from dataclasses import dataclass, field
from typing import Protocol

import pulumi

from components.certificates.base import Certificate
from components.contract.desired import Address, DesiredState
from components.dns.base import Target
from components.foundation import Foundation
from components.host import Host


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """Weights and releases come from the state, the public name from the address."""

    foundation: Foundation
    state: pulumi.Output[DesiredState]
    address: pulumi.Output[Address]
    certificate: Certificate = field(default_factory=Certificate)

    @property
    def host(self) -> Host:
        """Return this machine."""
        return self.foundation.host


class LoadBalancer(Protocol):
    """`ca_certificate` is the path that TLS verifies against, or None for a public authority;
    `statistics_url` is where the numbers of each slot are read. `table` and `standby` are the paths
    of the routes that hold and of those that lead back, or None. Once `discovered` is made,
    replicas that are declared are known and those that are not get no more requests. `origin` is
    the base URL under which other platforms reach the backend; `target` is what host names lead
    to, None where nothing has to."""

    ca_certificate: pulumi.Output[str | None]
    statistics_url: pulumi.Output[str]
    table: pulumi.Output[str | None]
    standby: pulumi.Output[str | None]
    discovered: pulumi.Resource
    origin: pulumi.Output[str]
    target: Target | None
