"""A network at AWS over two or three zones: public subnets, private subnets, a way out."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pulumi
import pulumi_aws as aws

from components.cluster import network_endpoints, network_logs, network_zones
from components.cluster.base import Network

Outbound = Literal["nat", "nat_per_zone", "endpoints"]
EVERYWHERE = "0.0.0.0/0"
ZONES = 3
"""At most: the range is cut for as many, so that a zone more moves no subnet."""


@dataclass(frozen=True, kw_only=True)
class AwsNetworkArgs:
    """`addresses` is a CIDR, /16 to /20; `outbound` is how private subnets reach out.

    `log_days` is how long the flow logs are kept. `cluster` is the one that may place load
    balancers in these subnets.
    """

    cluster: str
    region: str
    tags: Mapping[str, str]
    addresses: str = "10.0.0.0/16"
    zones: int = ZONES
    outbound: Outbound = "nat"
    log_days: int = 30

    def __post_init__(self) -> None:
        """Raise ValueError for what AWS would not take, or what would not do."""
        if not 2 <= self.zones <= ZONES:
            raise ValueError(f"slipway:awsZones: expected 2 or 3, got {self.zones}")
        try:
            size = ipaddress.IPv4Network(self.addresses).prefixlen
        except ValueError as error:
            raise ValueError(f"slipway:awsNetwork: {error}; try 10.0.0.0/16") from None
        if not 16 <= size <= 20:
            raise ValueError(f"slipway:awsNetwork: expected a range of /16 to /20, got /{size}")

    def private(self, zone: int) -> str:
        """Return the range of a private subnet: a quarter, since each pod takes an address."""
        return str([*ipaddress.IPv4Network(self.addresses).subnets(2)][zone])

    def public(self, zone: int) -> str:
        """Return the range of a public subnet: a quarter of the last quarter."""
        last = [*ipaddress.IPv4Network(self.addresses).subnets(2)][ZONES]
        return str([*last.subnets(2)][zone])


class AwsNetwork(pulumi.ComponentResource):
    """A VPC whose private subnets hold machines, and whose public ones hold load balancers.

    Its default security group lets nothing through.
    """

    TYPE: ClassVar[str] = "slipway:cluster:AwsNetwork"

    def __init__(
        self, name: str, args: AwsNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the network."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        self.vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.addresses,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("vpc"),
            opts=self._inside,
        )
        aws.ec2.DefaultSecurityGroup(
            f"{name}-closed", vpc_id=self.vpc.id, tags=self._tags("closed"), opts=self._inside
        )
        names = network_zones.names(args.zones, args.region, self)
        zones = range(args.zones)
        self.public_subnets = [self._subnet("public", zone, names) for zone in zones]
        self.private_subnets = [self._subnet("private", zone, names) for zone in zones]
        tables = self._routes()
        network_endpoints.declare(self, name, args, tables, self._tags)
        network_logs.declare(self, name, args, self._tags)
        self.register_outputs({"vpc": self.vpc.id})

    def network(self, pods_security_group: pulumi.Output[str]) -> Network:
        """Return what others need to know of it."""
        return Network(
            vpc=self.vpc.id,
            public_subnets=pulumi.Output.all(*(each.id for each in self.public_subnets)),
            private_subnets=pulumi.Output.all(*(each.id for each in self.private_subnets)),
            pods_security_group=pods_security_group,
        )

    def _tags(self, noun: str) -> dict[str, str]:
        return {**self._args.tags, "Name": f"{self._args.cluster}-{noun}"}

    def _subnet(
        self, kind: Literal["public", "private"], zone: int, names: pulumi.Output[list[str]]
    ) -> aws.ec2.Subnet:
        args = self._args
        role = "elb" if kind == "public" else "internal-elb"
        return aws.ec2.Subnet(
            f"{self._name}-{kind}-{zone}",
            vpc_id=self.vpc.id,
            cidr_block=getattr(args, kind)(zone),
            availability_zone=names.apply(lambda known: known[zone]),
            map_public_ip_on_launch=False,
            tags={
                **self._tags(f"{kind}-{zone}"),
                f"kubernetes.io/role/{role}": "1",
                f"kubernetes.io/cluster/{args.cluster}": "shared",
            },
            # A zone that AWS opens must not move subnets to others.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["availabilityZone"]),
        )

    def _routes(self) -> list[aws.ec2.RouteTable]:
        """Declare the ways; return the tables of the private subnets."""
        gateway = aws.ec2.InternetGateway(
            f"{self._name}-internet",
            vpc_id=self.vpc.id,
            tags=self._tags("internet"),
            opts=self._inside,
        )
        public = self._table("public", "public", range(len(self.public_subnets)))
        self._way_out("public", public, gateway_id=gateway.id)
        if self._args.outbound == "nat_per_zone":
            tables = []
            for zone in range(len(self.private_subnets)):
                tables.append(self._table(f"private-{zone}", "private", (zone,)))
                self._way_out(f"private-{zone}", tables[-1], nat_gateway_id=self._nat(zone))
            return tables
        table = self._table("private", "private", range(len(self.private_subnets)))
        if self._args.outbound == "nat":
            self._way_out("private", table, nat_gateway_id=self._nat(0))
        return [table]

    def _table(self, noun: str, kind: str, zones: Iterable[int]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{self._name}-{noun}-routes",
            vpc_id=self.vpc.id,
            tags=self._tags(noun),
            opts=self._inside,
        )
        subnets = self.public_subnets if kind == "public" else self.private_subnets
        for zone in zones:
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{kind}-{zone}-table",
                route_table_id=table.id,
                subnet_id=subnets[zone].id,
                opts=self._inside,
            )
        return table

    def _way_out(
        self, noun: str, table: aws.ec2.RouteTable, **to: pulumi.Output[str]
    ) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{self._name}-{noun}-out",
            route_table_id=table.id,
            destination_cidr_block=EVERYWHERE,
            opts=self._inside,
            **to,
        )

    def _nat(self, zone: int) -> pulumi.Output[str]:
        tags = self._tags(f"nat-{zone}")
        address = aws.ec2.Eip(
            f"{self._name}-nat-{zone}-address", domain="vpc", tags=tags, opts=self._inside
        )
        gateway = aws.ec2.NatGateway(
            f"{self._name}-nat-{zone}",
            subnet_id=self.public_subnets[zone].id,
            allocation_id=address.id,
            tags=tags,
            opts=self._inside,
        )
        made: pulumi.Output[str] = gateway.id
        return made
