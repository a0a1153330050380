"""What the program declares of a network at AWS."""

import ipaddress
from itertools import combinations

import pytest

from components.cluster import network_zones
from components.cluster.network import AwsNetworkArgs
from tests.components.aws import NETWORK, of_kind, usual
from tests.doubles.program import Declared

ENDPOINT, NAT = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"


def network(**changes: object) -> Declared:
    return usual(**changes)


@pytest.mark.parametrize("zones", [2, 3])
def test_there_are_a_public_and_a_private_subnet_in_each_zone(zones: int) -> None:
    subnets = of_kind(network(aws_zones=zones), "aws:ec2/subnet:Subnet")

    where = {name.rpartition("network-")[2]: s["availabilityZone"] for name, s in subnets.items()}
    assert where == {
        f"{kind}-{zone}": f"eu-central-1{'abc'[zone]}"
        for kind in ("public", "private")
        for zone in range(zones)
    }
    assert not any(subnet["mapPublicIpOnLaunch"] for subnet in subnets.values())


def test_subnets_are_found_by_the_controller_of_load_balancers() -> None:
    found = network().inputs

    assert found[f"{NETWORK}-public-0"]["tags"]["kubernetes.io/role/elb"] == "1"
    assert found[f"{NETWORK}-private-0"]["tags"]["kubernetes.io/role/internal-elb"] == "1"


@pytest.mark.parametrize("addresses", ["10.0.0.0/16", "172.16.0.0/20"])
def test_ranges_are_within_the_network_and_apart(addresses: str) -> None:
    args = AwsNetworkArgs(cluster="shop", region="eu-central-1", tags={}, addresses=addresses)
    whole = ipaddress.IPv4Network(addresses)
    ranges = [
        ipaddress.IPv4Network(part) for z in range(3) for part in (args.private(z), args.public(z))
    ]

    assert all(part.subnet_of(whole) for part in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


@pytest.mark.parametrize(
    ("outbound", "gateways", "ways_out"),
    [("nat", 1, 2), ("nat_per_zone", 3, 4), ("endpoints", 0, 1)],
)
def test_private_subnets_reach_out_as_the_settings_say(
    outbound: str, gateways: int, ways_out: int
) -> None:
    found = network(aws_outbound=outbound)

    assert len(of_kind(found, NAT)) == gateways
    assert len(of_kind(found, ROUTE)) == ways_out
    kinds = [given["vpcEndpointType"] for given in of_kind(found, ENDPOINT).values()]
    assert kinds.count("Gateway") == 1
    assert (kinds.count("Interface") > 0) is (outbound == "endpoints")


def test_endpoints_are_reached_from_inside_and_by_https_alone() -> None:
    rule = network(aws_outbound="endpoints").inputs[f"{NETWORK}-endpoints-https"]

    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_who_is_in_no_group_of_its_own_reaches_nobody() -> None:
    closed = network().inputs[f"{NETWORK}-closed"]

    assert not {"ingress", "egress"} & closed.keys()


def test_who_talked_to_whom_is_logged_for_a_while() -> None:
    found = network().inputs

    assert found[f"{NETWORK}-flow-log"]["trafficType"] == "ALL"
    assert found[f"{NETWORK}-flows"]["retentionInDays"] == 30


@pytest.mark.parametrize("zones", [1, 4])
def test_another_number_of_zones_is_refused(zones: int) -> None:
    with pytest.raises(ValueError, match="slipway:awsZones: expected 2 or 3"):
        AwsNetworkArgs(cluster="shop", region="eu-central-1", tags={}, zones=zones)


@pytest.mark.parametrize(
    ("known", "remedy"),
    [(["us-west-1a", "us-west-1c"], "set it to 2, or choose"), ([], ": choose")],
)
def test_a_region_with_too_few_zones_for_clusters_is_refused_by_its_key(
    known: list[str], remedy: str
) -> None:
    with pytest.raises(ValueError, match=rf"slipway:awsZones is 3, .* us-west-1.*{remedy}"):
        network_zones.first(3, "us-west-1", known)
