"""What every platform of the load balancer offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.contract.desired import Address, DesiredState
from components.host import Host


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """Weights and releases come from the state, the public name from the address."""

    host: Host
    state: pulumi.Output[DesiredState]
    address: pulumi.Output[Address]


class LoadBalancer(Protocol):
    """`ca_certificate` is the path that TLS verifies against, or None for a public authority;
    `statistics_url` is where the numbers of each slot are read. `table` and `standby` are the paths
    of the routes that hold and of those that lead back, or None. Once `discovered` is made,
    replicas that are declared are known and those that are not get no more requests."""

    ca_certificate: pulumi.Output[str | None]
    statistics_url: pulumi.Output[str]
    table: pulumi.Output[str | None]
    standby: pulumi.Output[str | None]
    discovered: pulumi.Resource
