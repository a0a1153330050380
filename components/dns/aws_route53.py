"""Where the host names of an environment lead: records at Route 53."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_aws as aws

from components.dns.base import DnsArgs, Target
from components.dns.hosted_zone import check_zone, zone_id

SECONDS = 60
"""Short, so that an address that changes does not keep users away for long."""


class ApexNeedsAnAddress(ValueError):
    """A zone's own name cannot be another name for something."""


@dataclass(frozen=True, kw_only=True)
class Route53Args:
    """`targets` maps host names in the hosted zone called `zone` to where they lead."""

    zone: str
    targets: Mapping[str, Target]

    def __post_init__(self) -> None:
        """Raise ValueError for a host name outside of the zone."""
        check_zone(self.zone, self.targets)


class Route53(pulumi.ComponentResource):
    """One record for each host name: an alias for what AWS runs, else a name or an address.

    The zone itself belongs to nobody here, and stays. There is no AAAA: load balancers of these
    networks have no address of IPv6.
    """

    TYPE: ClassVar[str] = "slipway:dns:Route53"

    def __init__(
        self, name: str, args: Route53Args, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the records."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._zone = zone_id(args.zone, self)
        for host, target in args.targets.items():
            self.lead(host, target)
        self.register_outputs({})

    def lead(self, host: str, target: Target) -> list[pulumi.Resource]:
        """Declare one more record. Raise ValueError for a host name outside of the zone."""
        check_zone(self._args.zone, (host,))
        if target.zone is None:
            return [self._elsewhere(host, target)]
        return [self._alias(host, target.name, target.zone)]

    def _alias(
        self, host: str, target: pulumi.Output[str], target_zone: pulumi.Output[str]
    ) -> aws.route53.Record:
        alias = {"name": target, "zone_id": target_zone, "evaluate_target_health": False}
        return aws.route53.Record(
            f"{self._name}-{host}",
            zone_id=self._zone,
            name=host,
            type="A",
            aliases=[alias],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _elsewhere(self, host: str, target: Target) -> aws.route53.Record:
        apex = host == self._args.zone
        there = target.name
        if apex and target.address:
            there = pulumi.Output.from_input(target.address)
        return aws.route53.Record(
            f"{self._name}-{host}",
            zone_id=self._zone,
            name=host,
            type=there.apply(lambda to: record_type(host, to, apex=apex)),
            records=[there],
            ttl=SECONDS,
            # Another type is another record, and a name has one or the other.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )


def record_type(host: str, to: str, *, apex: bool) -> str:
    """Return A for an address, CNAME for a name. Raise ApexNeedsAnAddress where DNS has neither."""
    try:
        return "AAAA" if ipaddress.ip_address(to).version == 6 else "A"
    except ValueError:
        pass
    if apex:
        raise ApexNeedsAnAddress(
            f"slipway:domain: {host} is the zone's own name, which cannot lead to the name {to}; "
            f"use a name below it, such as www.{host}"
        )
    return "CNAME"


def declare(name: str, args: DnsArgs, opts: pulumi.ResourceOptions | None = None) -> Route53:
    """Declare the records of an environment's host names."""
    foundation = args.foundation
    return Route53(
        name,
        Route53Args(zone=foundation.settings.route53_zone.rstrip("."), targets=args.targets),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[foundation.aws])),
    )
