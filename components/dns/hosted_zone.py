"""A hosted zone at Route 53 that exists already: domains are bought once, and not by a stack."""

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws


def check_zone(zone: str, hosts: Iterable[str]) -> None:
    """Raise ValueError unless all host names belong to the zone."""
    if not zone:
        raise ValueError(
            "slipway:route53Zone: expected the name of a hosted zone that exists, such as "
            "example.com"
        )
    for host in hosts:
        if host != zone and not host.endswith(f".{zone}"):
            raise ValueError(
                f"slipway:route53Zone: {host} is not in the zone {zone}; correct slipway:domain or "
                "slipway:backendDomain, or name the zone that it is in"
            )


def zone_id(zone: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Look a public zone up by its name, with the provider of `parent`."""
    found: pulumi.Output[str] = aws.route53.get_zone_output(
        name=zone, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=parent)
    ).zone_id
    return found
