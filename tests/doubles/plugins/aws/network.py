"""VPC, subnets, routes, gateways, endpoints, security groups."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.plugins.aws.naming import ACCOUNT, arn, by, number, random_id, region, zones
from tests.doubles.plugins.provider import Kind, Making, Refused, forcing
from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.values import UNKNOWN

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"


def _owned(making: Making, id_: str, path: str) -> dict[str, Any]:
    return {"arn": arn(making, "ec2", f"{path}/{id_}"), "ownerId": ACCOUNT}


def _vpc(making: Making, id_: str) -> dict[str, Any]:
    tail = id_.partition("-")[2]
    return {
        **_owned(making, id_, "vpc"),
        "enableDnsSupport": making.get("enableDnsSupport", True),
        "enableDnsHostnames": making.get("enableDnsHostnames", False),
        "instanceTenancy": making.get("instanceTenancy", "default"),
        "defaultNetworkAclId": f"acl-{tail}",
        "defaultRouteTableId": f"rtb-{tail}",
        "mainRouteTableId": f"rtb-{tail}",
        "defaultSecurityGroupId": f"sg-{tail}",
        "dhcpOptionsId": "dopt-0123456789abcdef0",
    }


def cidr(name: str) -> Any:
    """Return a check of an address range."""

    def check(inputs: Mapping[str, Any]) -> Iterator[Problem]:
        value = inputs.get(name)
        if isinstance(value, str) and value != UNKNOWN:
            try:
                ipaddress.ip_network(value)
            except ValueError as error:
                yield name, str(error)

    return check


def _fits(making: Making) -> None:
    cloud = making.provider.cloud
    vpc = next((e for e in cloud.objects(VPC) if e.id == making.get("vpcId")), None)
    wanted = making.get("cidrBlock")
    zone = making.get("availabilityZone")
    if zone and zone not in zones(region(making)):
        raise Refused(f"InvalidParameterValue: {zone} is no zone of {region(making)}")
    if not vpc or not wanted:
        return
    mine = ipaddress.ip_network(wanted)
    if not mine.subnet_of(ipaddress.ip_network(vpc.outputs["cidrBlock"])):  # type: ignore[arg-type]
        raise Refused(f"InvalidSubnet.Range: {wanted} is not within the range of {vpc.id}")
    for other in cloud.objects(SUBNET):
        itself = making.old is not None and making.old.id == other.id
        if other.inputs.get("vpcId") == vpc.id and not itself:
            taken = other.outputs.get("cidrBlock")
            if taken and mine.overlaps(ipaddress.ip_network(taken)):
                raise Refused(f"InvalidSubnet.Conflict: {wanted} overlaps {other.id} ({taken})")


def _subnet(making: Making, id_: str) -> dict[str, Any]:
    zone = making.get("availabilityZone") or f"{region(making)}a"
    return {
        **_owned(making, id_, "subnet"),
        "availabilityZone": zone,
        "availabilityZoneId": zones(region(making))[zone],
        "mapPublicIpOnLaunch": making.get("mapPublicIpOnLaunch", False),
    }


def _address(making: Making, id_: str) -> dict[str, Any]:
    address = f"203.0.113.{number(id_, 254) + 1}"
    return {
        "allocationId": id_,
        "arn": arn(making, "ec2", f"elastic-ip/{id_}"),
        "publicIp": address,
        "publicDns": f"ec2-{address.replace('.', '-')}.compute.amazonaws.com",
        "domain": "vpc",
    }


def _nat(making: Making, id_: str) -> dict[str, Any]:
    addresses = [
        e for e in making.provider.cloud.objects(EIP) if e.id == making.get("allocationId")
    ]
    return {
        "connectivityType": making.get("connectivityType", "public"),
        "networkInterfaceId": f"eni-{id_.partition('-')[2]}",
        "associationId": f"eipassoc-{id_.partition('-')[2]}",
        "privateIp": making.get("privateIp", f"10.0.0.{number(id_, 250) + 4}"),
        "publicIp": addresses[0].outputs["publicIp"] if addresses else None,
    }


def _endpoint(making: Making, id_: str) -> dict[str, Any]:
    tail = id_.partition("-")[2]
    interface = making.get("vpcEndpointType", "Gateway") == "Interface"
    host = f"{id_}.{making.get('serviceName')}.vpce.amazonaws.com"
    return {
        **_owned(making, id_, "vpc-endpoint"),
        "state": "available",
        "vpcEndpointType": making.get("vpcEndpointType", "Gateway"),
        "dnsEntries": [{"dnsName": host, "hostedZoneId": "Z7HUB22UULQXV"}] if interface else [],
        "networkInterfaceIds": [f"eni-{tail}"] if interface else [],
        "prefixListId": None if interface else f"pl-{tail[:8]}",
        "cidrBlocks": [],
        "requesterManaged": False,
    }


def _rule(making: Making, id_: str) -> dict[str, Any]:
    return {
        "securityGroupRuleId": id_,
        "arn": arn(making, "ec2", f"security-group-rule/{id_}"),
    }


def _ports(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    if inputs.get("ipProtocol") not in (-1, "-1", UNKNOWN) and inputs.get("fromPort") is None:
        yield "fromPort", "required unless ipProtocol is -1"
    sources = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    if len([name for name in sources if inputs.get(name) is not None]) != 1:
        yield "cidrIpv4", f"exactly one of {', '.join(sources)} must be given"


IN_A_VPC = (SUBNET, TABLE, GROUP, ENDPOINT, GATEWAY, "aws:lb/targetGroup:TargetGroup")
_SOURCES = ("cidrIpv4", "cidrIpv6", "fromPort", "toPort", "ipProtocol", "referencedSecurityGroupId")
KINDS: Mapping[str, Kind] = {
    VPC: Kind(
        forces=forcing("cidrBlock", "ipv4IpamPoolId", "region"),
        id=random_id("vpc"),
        outputs=_vpc,
        check=cidr("cidrBlock"),
        blocks=IN_A_VPC[:-1],
    ),
    SUBNET: Kind(
        forces=forcing("vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "region"),
        id=random_id("subnet"),
        outputs=_subnet,
        check=cidr("cidrBlock"),
        before=_fits,
        blocks=(NAT, ENDPOINT, BALANCER, CLUSTER, NODES),
    ),
    GATEWAY: Kind(
        forces=forcing("region"),
        id=random_id("igw"),
        unique=("vpcId",),
        outputs=lambda making, id_: _owned(making, id_, "internet-gateway"),
    ),
    EIP: Kind(
        forces=forcing("domain", "publicIpv4Pool", "region"),
        id=random_id("eipalloc"),
        outputs=_address,
        blocks=(NAT,),
    ),
    NAT: Kind(
        forces=forcing("subnetId", "allocationId", "connectivityType", "privateIp", "region"),
        id=random_id("nat"),
        outputs=_nat,
    ),
    TABLE: Kind(
        forces=forcing("vpcId", "region"),
        id=random_id("rtb"),
        outputs=lambda making, id_: _owned(making, id_, "route-table"),
        blocks=(ASSOCIATION,),
    ),
    ROUTE: Kind(
        forces=forcing("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"),
        unique=("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"),
        id=lambda making: f"r-{making.get('routeTableId')}{number(str(making.inputs), 10**9)}",
        outputs=lambda making, id_: {"origin": "CreateRoute", "state": "active"},
        check=cidr("destinationCidrBlock"),
    ),
    ASSOCIATION: Kind(
        forces=forcing("subnetId", "gatewayId", "region"),
        unique=("subnetId", "gatewayId"),
        id=random_id("rtbassoc"),
    ),
    ENDPOINT: Kind(
        forces=forcing("vpcId", "serviceName", "vpcEndpointType", "region"),
        id=random_id("vpce"),
        outputs=_endpoint,
    ),
    GROUP: Kind(
        forces=forcing("name", "namePrefix", "description", "vpcId", "region"),
        autoname="name",
        limit=255,
        unique=("vpcId", "name"),
        id=random_id("sg"),
        outputs=lambda making, id_: {
            **_owned(making, id_, "security-group"),
            "description": making.get("description", "Managed by Pulumi"),
        },
        blocks=(BALANCER, ENDPOINT, CLUSTER, GROUP, RULE, INGRESS, EGRESS),
    ),
    RULE: Kind(
        forces=forcing(
            *("type", "fromPort", "toPort", "protocol", "cidrBlocks", "ipv6CidrBlocks", "self"),
            *("prefixListIds", "securityGroupId", "sourceSecurityGroupId", "region"),
        ),
        id=random_id("sgrule"),
    ),
    INGRESS: Kind(
        forces=forcing("securityGroupId", "region"),
        unique=("securityGroupId", *_SOURCES),
        id=random_id("sgr"),
        outputs=_rule,
        check=_ports,
    ),
    EGRESS: Kind(
        forces=forcing("securityGroupId", "region"),
        unique=("securityGroupId", *_SOURCES),
        id=random_id("sgr"),
        outputs=_rule,
        check=_ports,
    ),
    FLOW_LOG: Kind(
        forces=forcing(
            *("iamRoleArn", "logDestination", "logDestinationType", "trafficType", "vpcId"),
            *("subnetId", "eniId", "logFormat", "maxAggregationInterval", "region"),
        ),
        id=random_id("fl"),
        outputs=lambda making, id_: {"arn": arn(making, "ec2", f"vpc-flow-log/{id_}")},
    ),
    TEMPLATE: Kind(
        forces=forcing("name", "namePrefix", "region"),
        autoname="name",
        unique=("name",),
        id=random_id("lt"),
        outputs=lambda making, id_: {
            "arn": arn(making, "ec2", f"launch-template/{id_}"),
            "latestVersion": making.old.outputs.get("latestVersion", 0) + 1 if making.old else 1,
            "defaultVersion": making.get("defaultVersion", 1),
        },
        fresh=("latestVersion",),
    ),
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": Kind(
        forces=forcing("vpcId"), unique=("vpcId",), id=by("vpcId")
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Kind(
        forces=forcing("vpcId"),
        unique=("vpcId",),
        id=random_id("sg"),
        outputs=lambda making, id_: {
            **_owned(making, id_, "security-group"),
            "name": "default",
            "description": "default VPC security group",
        },
    ),
}
