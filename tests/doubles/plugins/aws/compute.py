"""EKS, ECR, ECS, application auto scaling, Lambda."""

import json
import secrets
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.plugins.aws import naming
from tests.doubles.plugins.aws.naming import ACCOUNT, arn, by, number, region
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Kind, Making, Provider, Refused, forcing
from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.values import UNKNOWN

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
ENTRY = "aws:eks/accessEntry:AccessEntry"
DEFAULT_VERSION = "1.34"
# User guide of EKS, requirements of networks.
REFUSED = {"use1-az3", "usw1-az2", "cac1-az3"}


def now() -> str:
    """Return the time as AWS writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _cluster(making: Making, id_: str) -> dict[str, Any]:
    seed = number(f"{id_}{region(making)}", 16**32)
    host = f"{seed:032X}"
    subnets = making.provider.cloud.objects("aws:ec2/subnet:Subnet")
    wanted = making.inputs["vpcConfig"].get("subnetIds") or ()
    vpc = next((e.inputs["vpcId"] for e in subnets if e.id in wanted), None)
    issuer = f"https://oidc.eks.{region(making)}.amazonaws.com/id/{host}"
    return {
        "arn": arn(making, "eks", f"cluster/{id_}"),
        "endpoint": f"https://{host}.gr7.{region(making)}.eks.amazonaws.com",
        "certificateAuthority": {"data": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="},
        "identities": [{"oidcs": [{"issuer": issuer}]}],
        "platformVersion": "eks.12",
        "status": "ACTIVE",
        "createdAt": now(),
        "version": making.get("version", DEFAULT_VERSION),
        "vpcConfig": {"clusterSecurityGroupId": f"sg-{host[:17].lower()}", "vpcId": vpc},
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}
        | making.get("kubernetesNetworkConfig", {}),
    }


def minor(version: Any) -> int:
    """Return the 34 of 1.34."""
    return int(str(version).split(".")[1])


def _protected(provider: Provider, gone: Object) -> None:
    if gone.outputs.get("deletionProtection"):
        raise Refused(
            f"InvalidRequestException: cluster {gone.id} cannot be deleted: deletion protection"
        )


def _upgrade(making: Making) -> None:
    wanted = making.inputs["vpcConfig"].get("subnetIds") or ()
    subnets = making.provider.cloud.objects("aws:ec2/subnet:Subnet")
    zones = {e.outputs.get("availabilityZone") for e in subnets if e.id in wanted}
    if len(zones) < 2:
        raise Refused("InvalidParameterException: Subnets specified must be in at least two AZs")
    refused = {id_ for name, id_ in naming.zones(region(making)).items() if name in zones} & REFUSED
    if refused:
        raise Refused(
            "UnsupportedAvailabilityZoneException: Cannot create cluster because "
            f"{', '.join(refused)} does not currently have sufficient capacity"
        )
    if making.old and making.get("version"):
        step = minor(making.get("version")) - minor(making.old.outputs["version"])
        if step not in (0, 1):
            raise Refused(
                "InvalidParameterException: Unsupported Kubernetes minor version update from "
                f"{making.old.outputs['version']} to {making.get('version')}"
            )


def _nodes(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": arn(making, "eks", f"nodegroup/{id_.replace(':', '/')}/{uuid.uuid4()}"),
        "status": "ACTIVE",
        "resources": [{"autoscalingGroups": [{"name": f"eks-{id_.partition(':')[2]}"}]}],
        "version": making.get("version", DEFAULT_VERSION),
        "amiType": making.get("amiType", "AL2023_x86_64_STANDARD"),
        "capacityType": making.get("capacityType", "ON_DEMAND"),
        "instanceTypes": making.get("instanceTypes", ["t3.medium"]),
        "releaseVersion": making.get("releaseVersion", f"{DEFAULT_VERSION}.1-20261101"),
    }


def _scaling(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    given = inputs.get("scalingConfig")
    if not isinstance(given, Mapping):
        return
    least, wanted, most = (given.get(n) for n in ("minSize", "desiredSize", "maxSize"))
    if all(isinstance(each, int) for each in (least, wanted, most)) and not (
        least <= wanted <= most  # type: ignore[operator]
    ):
        yield "scalingConfig", f"expected min <= desired <= max, got {least}, {wanted}, {most}"


def _entered(making: Making) -> None:
    principal, cluster = making.get("principalArn"), making.get("clusterName")
    entries = making.provider.cloud.objects(ENTRY)
    if not any(e.id == f"{cluster}:{principal}" for e in entries):
        raise Refused(f"ResourceNotFoundException: no access entry for {principal}")


def _task(making: Making, id_: str) -> dict[str, Any]:
    family, revision = id_.rpartition(":")[::2]
    base = arn(making, "ecs", f"task-definition/{family}")
    return {"arn": f"{base}:{revision}", "arnWithoutRevision": base, "revision": int(revision)}


def _revision(making: Making) -> str:
    key = f"revision-{making.inputs['family']}"
    last: int = making.provider.cloud.noted(key, 0) + 1
    making.provider.cloud.note(key, last)
    return f"{making.inputs['family']}:{last}"


def _containers(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    value = inputs.get("containerDefinitions")
    if not isinstance(value, str) or UNKNOWN in value:
        return
    try:
        content = json.loads(value)
    except ValueError as error:
        yield "containerDefinitions", str(error)
        return
    if not isinstance(content, list) or not all(
        isinstance(e, dict) and e.get("image") for e in content
    ):
        yield "containerDefinitions", "a list of containers, each with an image"


def _service(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": id_,
        "launchType": making.get("launchType", "EC2"),
        "schedulingStrategy": making.get("schedulingStrategy", "REPLICA"),
        "deploymentMinimumHealthyPercent": making.get("deploymentMinimumHealthyPercent", 100),
        "deploymentMaximumPercent": making.get("deploymentMaximumPercent", 200),
        "platformVersion": making.get("platformVersion", "LATEST"),
    }


def _service_id(making: Making) -> str:
    cluster = str(making.get("cluster", "default")).rpartition("/")[2]
    return arn(making, "ecs", f"service/{cluster}/{making.inputs['name']}")


def _attached(making: Making) -> None:
    """Refuse target groups that no load balancer forwards to."""
    used = [
        *making.provider.cloud.objects("aws:lb/listener:Listener"),
        *making.provider.cloud.objects("aws:lb/listenerRule:ListenerRule"),
    ]
    text = json.dumps([each.inputs for each in used])
    for each in making.get("loadBalancers", ()):
        if each.get("targetGroupArn") and each["targetGroupArn"] not in text:
            raise Refused(
                f"InvalidParameterException: The target group with targetGroupArn "
                f"{each['targetGroupArn']} does not have an associated load balancer"
            )


def _repository(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": arn(making, "ecr", f"repository/{id_}"),
        "registryId": ACCOUNT,
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{region(making)}.amazonaws.com/{id_}",
        "imageTagMutability": making.get("imageTagMutability", "MUTABLE"),
    }


def _function(making: Making, id_: str) -> dict[str, Any]:
    own = arn(making, "lambda", f"function:{id_}")
    invoke = (
        f"arn:aws:apigateway:{region(making)}:lambda:path/2015-03-31/functions/{own}/invocations"
    )
    return {
        "arn": own,
        "invokeArn": invoke,
        "qualifiedArn": f"{own}:$LATEST",
        "version": "$LATEST",
        "lastModified": now(),
        "memorySize": making.get("memorySize", 128),
        "timeout": making.get("timeout", 3),
    }


KINDS: Mapping[str, Kind] = {
    CLUSTER: Kind(
        forces=forcing(
            *("name", "roleArn", "bootstrapSelfManagedAddons", "outpostConfig", "region"),
            *("encryptionConfig.provider", "kubernetesNetworkConfig.serviceIpv4Cidr"),
            *("kubernetesNetworkConfig.ipFamily",),
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
        ),
        autoname="name",
        limit=100,
        unique=("name",),
        id=by("name"),
        outputs=_cluster,
        nested=("vpcConfig.clusterSecurityGroupId", "vpcConfig.vpcId"),
        before=_upgrade,
        blocks=(NODES, "aws:eks/fargateProfile:FargateProfile"),
        release=_protected,
    ),
    NODES: Kind(
        forces=forcing(
            *("clusterName", "nodeGroupName", "nodeGroupNamePrefix", "nodeRoleArn", "subnetIds"),
            *("instanceTypes", "amiType", "capacityType", "diskSize", "remoteAccess", "region"),
        ),
        autoname="nodeGroupName",
        limit=63,
        unique=("clusterName", "nodeGroupName"),
        id=by("clusterName", "nodeGroupName"),
        outputs=_nodes,
        check=_scaling,
    ),
    "aws:eks/addon:Addon": Kind(
        forces=forcing("clusterName", "addonName", "region"),
        unique=("clusterName", "addonName"),
        id=by("clusterName", "addonName"),
        outputs=lambda making, id_: {
            "arn": arn(making, "eks", f"addon/{id_.replace(':', '/')}/{secrets.token_hex(8)}"),
            "addonVersion": making.get("addonVersion", "v1.0.0-eksbuild.1"),
            "createdAt": now(),
            "modifiedAt": now(),
        },
        fresh=("modifiedAt",),
    ),
    ENTRY: Kind(
        forces=forcing("clusterName", "principalArn", "type", "region"),
        unique=("clusterName", "principalArn"),
        id=by("clusterName", "principalArn"),
        outputs=lambda making, id_: {
            "accessEntryArn": arn(making, "eks", f"access-entry/{id_}"),
            "createdAt": now(),
            "modifiedAt": now(),
            "type": making.get("type", "STANDARD"),
            "userName": making.get("userName", making.get("principalArn")),
        },
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Kind(
        forces=forcing("clusterName", "principalArn", "policyArn", "accessScope", "region"),
        unique=("clusterName", "principalArn", "policyArn"),
        id=by("clusterName", "principalArn", "policyArn", between="#"),
        outputs=lambda making, id_: {"associatedAt": now(), "modifiedAt": now()},
        before=_entered,
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Kind(
        forces=forcing("clusterName", "namespace", "serviceAccount", "region"),
        unique=("clusterName", "namespace", "serviceAccount"),
        id=lambda making: f"a-{secrets.token_hex(9)[:17]}",
        outputs=lambda making, id_: {
            "associationId": id_,
            "associationArn": arn(
                making, "eks", f"podidentityassociation/{making.get('clusterName')}/{id_}"
            ),
        },
    ),
    "aws:ecr/repository:Repository": Kind(
        forces=forcing("name", "encryptionConfigurations", "region"),
        autoname="name",
        limit=256,
        unique=("name",),
        id=by("name"),
        outputs=_repository,
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Kind(
        forces=forcing("repository"), unique=("repository",), id=by("repository")
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Kind(
        forces=forcing("repository"), unique=("repository",), id=by("repository")
    ),
    "aws:ecs/cluster:Cluster": Kind(
        forces=forcing("name", "region"),
        autoname="name",
        limit=255,
        unique=("name",),
        id=lambda making: arn(making, "ecs", f"cluster/{making.inputs['name']}"),
        outputs=lambda making, id_: {"arn": id_},
        blocks=("aws:ecs/service:Service",),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Kind(
        forces=forcing("clusterName"), unique=("clusterName",), id=by("clusterName")
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Kind(
        forces=forcing(
            *("containerDefinitions", "cpu", "executionRoleArn", "family", "ipcMode", "memory"),
            *("networkMode", "pidMode", "placementConstraints", "proxyConfiguration", "volumes"),
            *("requiresCompatibilities", "runtimePlatform", "taskRoleArn", "ephemeralStorage"),
        ),
        id=_revision,
        outputs=_task,
        check=_containers,
    ),
    "aws:ecs/service:Service": Kind(
        forces=forcing("name", "cluster", "launchType", "schedulingStrategy", "region"),
        autoname="name",
        limit=255,
        unique=("cluster", "name"),
        id=_service_id,
        outputs=_service,
        before=_attached,
    ),
    "aws:appautoscaling/target:Target": Kind(
        forces=forcing("resourceId", "scalableDimension", "serviceNamespace"),
        unique=("resourceId", "scalableDimension"),
        id=by("serviceNamespace", "resourceId", "scalableDimension", between="/"),
        outputs=lambda making, id_: {
            "arn": arn(
                making, "application-autoscaling", f"scalable-target/{secrets.token_hex(8)}"
            ),
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/application-autoscaling",
        },
    ),
    "aws:appautoscaling/policy:Policy": Kind(
        forces=forcing("name", "resourceId", "scalableDimension", "serviceNamespace"),
        autoname="name",
        unique=("resourceId", "name"),
        id=by("name"),
        outputs=lambda making, id_: {
            "arn": arn(making, "autoscaling", f"scalingPolicy:{uuid.uuid4()}:{id_}"),
            "alarmArns": [],
        },
    ),
    "aws:lambda/function:Function": Kind(
        forces=forcing("name", "packageType", "region"),
        autoname="name",
        limit=64,
        unique=("name",),
        id=by("name"),
        outputs=_function,
        fresh=("lastModified",),
    ),
    "aws:lambda/permission:Permission": Kind(
        forces=forcing("action", "function", "principal", "sourceArn", "statementId"),
        id=lambda making: str(making.get("statementId") or f"terraform-{secrets.token_hex(8)}"),
        outputs=lambda making, id_: {"statementId": id_},
    ),
}
