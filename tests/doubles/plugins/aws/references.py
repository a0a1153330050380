"""What names another resource, and must therefore exist."""

from collections.abc import Iterator
from typing import Any

from tests.doubles.plugins.cloud import Cloud, Object
from tests.doubles.plugins.provider import Making, Refused
from tests.doubles.plugins.values import leaves

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
# Property, the service it has this meaning in ("" for all), what it names.
REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("vpcId", "", VPC),
    ("subnetId", "", SUBNET),
    ("subnetIds", "", SUBNET),
    ("subnets", "", SUBNET),
    ("routeTableId", "", TABLE),
    ("routeTableIds", "", TABLE),
    ("securityGroupId", "", GROUP),
    ("securityGroupIds", "", GROUP),
    ("securityGroups", "", GROUP),
    ("referencedSecurityGroupId", "", GROUP),
    ("sourceSecurityGroupId", "", GROUP),
    ("natGatewayId", "", "aws:ec2/natGateway:NatGateway"),
    ("allocationId", "ec2", "aws:ec2/eip:Eip"),
    ("clusterName", "eks", "aws:eks/cluster:Cluster"),
    ("roleArn", "eks", ROLE),
    ("nodeRoleArn", "eks", ROLE),
    ("executionRoleArn", "ecs", ROLE),
    ("taskRoleArn", "ecs", ROLE),
    ("role", "iam", ROLE),
    ("role", "lambda", ROLE),
    ("policyArn", "iam", "aws:iam/policy:Policy"),
    ("loadBalancerArn", "lb", "aws:lb/loadBalancer:LoadBalancer"),
    ("listenerArn", "lb", "aws:lb/listener:Listener"),
    ("targetGroupArn", "", "aws:lb/targetGroup:TargetGroup"),
    ("certificateArn", "", "aws:acm/certificate:Certificate"),
    ("zoneId", "route53", "aws:route53/zone:Zone"),
    ("topic", "sns", "aws:sns/topic:Topic"),
    ("secretId", "secretsmanager", "aws:secretsmanager/secret:Secret"),
    ("secretArn", "secretsmanager", "aws:secretsmanager/secret:Secret"),
    ("targetKeyId", "kms", KEY),
    ("keyArn", "eks", KEY),
    ("kmsKeyId", "", KEY),
    ("kmsMasterKeyId", "sns", KEY),
    ("repository", "ecr", "aws:ecr/repository:Repository"),
    ("cluster", "ecs", "aws:ecs/cluster:Cluster"),
    ("taskDefinition", "ecs", "aws:ecs/taskDefinition:TaskDefinition"),
    ("bucket", "s3", "aws:s3/bucket:Bucket"),
)
NAMED = ("arn", "name", "keyId", "bucket", "zoneId")


def missing(making: Making) -> None:
    """Raise Refused for the first thing that is named and does not exist."""
    service = making.type.split(":")[1].partition("/")[0].replace("alb", "lb")
    for path, value in leaves(dict(making.inputs)):
        steps = [step for step in path if isinstance(step, str)]
        if not isinstance(value, str) or not value or _foreign(value) or "alias" in steps[-1]:
            continue
        if steps[0].startswith("__") or "tags" in steps or "aliases" in steps:
            continue
        for target in _targets(steps, service):
            if target != making.type and value not in known(making.provider.cloud, target):
                short = target.rpartition(":")[2]
                where = ".".join(map(str, path))
                raise Refused(f"{short}NotFound: the {short} {value!r} ({where}) does not exist")


def _targets(steps: list[str], service: str) -> Iterator[str]:
    forwarded = steps[-1] == "arn" and steps[-2:-1] == ["targetGroups"]
    if forwarded:
        yield "aws:lb/targetGroup:TargetGroup"
    for name, where, target in REFERENCES:
        if name == steps[-1] and where in ("", service):
            yield target


def _foreign(value: str) -> bool:
    # What AWS brings along.
    return ":aws:policy/" in value or value.startswith("alias/aws/") or ":service-role/" in value


def known(cloud: Cloud, target: str) -> set[Any]:
    """Return everything by which the things of a type are called."""
    tokens = (target, target.replace("aws:lb/", "aws:alb/"))
    found = {name for token in tokens for each in cloud.objects(token) for name in _names(each)}
    if target == TABLE:
        found |= {each.outputs.get("defaultRouteTableId") for each in cloud.objects(VPC)}
    if target == GROUP:
        found |= {each.outputs.get("defaultSecurityGroupId") for each in cloud.objects(VPC)}
        found |= {e.id for e in cloud.objects("aws:ec2/defaultSecurityGroup:*")}
        for each in cloud.objects("aws:eks/cluster:Cluster"):
            found.add(each.outputs["vpcConfig"].get("clusterSecurityGroupId"))
    if target == KEY:
        for each in cloud.objects("aws:kms/alias:Alias"):
            found |= {each.id, each.outputs.get("arn")}
    return found


def _names(thing: Object) -> Iterator[Any]:
    yield thing.id
    yield from (thing.outputs.get(name) for name in NAMED if thing.outputs.get(name))
