"""What every platform of a service is given, and what it offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.contract.desired import DesiredState
from components.dns.base import Dns
from components.foundation import Foundation
from components.host import Host
from components.load_balancer.base import LoadBalancer
from components.secrets.base import Secrets


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """`values` are those of all references that do not depend on the replica; they are secret.

    A replica is known to the load balancer before it starts, and not any more once it is stopped:
    it depends on `load_balancer.discovered`. `secrets` keeps what is secret where it can. A
    service with a host name of its own tells `dns` where it leads.
    """

    foundation: Foundation
    state: pulumi.Output[DesiredState]
    values: pulumi.Output[dict[str, str]]
    load_balancer: LoadBalancer
    secrets: Secrets
    dns: Dns

    @property
    def host(self) -> Host:
        """Return this machine."""
        return self.foundation.host

    @property
    def discovered(self) -> pulumi.Resource:
        """Return what a replica waits for before it starts."""
        return self.load_balancer.discovered


class Service(Protocol):
    """Two slots. `endpoints` maps each to the URLs by which the driver asks for its health: those
    of its replicas, or one that leads to the slot. `slot_urls` maps slots to URLs that reach them
    whatever the weights are; it is empty where the public URL with the slot's header does so.
    `access` has the request headers that such a URL asks for, and is secret."""

    endpoints: pulumi.Output[dict[str, list[str]]]
    slot_urls: pulumi.Output[dict[str, str]]
    access: pulumi.Output[dict[str, str]]
