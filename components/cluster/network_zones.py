"""The zones of a region that a cluster of EKS can be in."""

import pulumi
import pulumi_aws as aws

REFUSED = ("use1-az3", "usw1-az2", "cac1-az3")
"""Where EKS has no room for control planes: UnsupportedAvailabilityZoneException. Names of zones
differ between accounts, so they go by their ids.
https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"""


def names(wanted: int, region: str, parent: pulumi.Resource) -> pulumi.Output[list[str]]:
    """Return the names of as many zones. Raise ValueError, by its key, where there are fewer."""
    found = aws.get_availability_zones_output(
        state="available",
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
        exclude_zone_ids=[*REFUSED],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    chosen: pulumi.Output[list[str]] = found.names.apply(
        lambda known: first(wanted, region, [*known])
    )
    return chosen


def first(wanted: int, region: str, known: list[str]) -> list[str]:
    """Return the first zones of those that a cluster can be in."""
    if len(known) < wanted:
        fewer = f"set it to {len(known)}, or " if len(known) > 1 else ""
        raise ValueError(
            f"slipway:awsZones is {wanted}, but this account has {len(known)} zones for EKS in "
            f"{region}: {fewer}choose another slipway:awsRegion"
        )
    return known[:wanted]
