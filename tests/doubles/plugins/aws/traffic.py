"""Load balancers, Route 53, ACM."""

import hashlib
import re
import secrets
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.doubles.plugins.aws.naming import arn, by, number, random_id, region
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Kind, Making, Provider, Refused, forcing
from tests.doubles.plugins.shapes import Problem
from tests.doubles.plugins.values import UNKNOWN

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
NAME = re.compile(r"^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$")
MAXIMUM_WEIGHT = 999
MAXIMUM_VALUES = 5


def _name(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    name = inputs.get("name")
    if isinstance(name, str) and name != UNKNOWN:
        if not NAME.match(name):
            yield "name", f"{name!r} may only have letters, digits and inner hyphens"
        if name.startswith("internal-"):
            yield "name", "may not begin with internal-"
    prefix = inputs.get("namePrefix")
    if isinstance(prefix, str) and prefix != UNKNOWN and len(prefix) > 6:
        yield "namePrefix", f"{prefix!r} is longer than 6 characters"


def _balancer(making: Making, id_: str) -> dict[str, Any]:
    name, tail = making.inputs["name"], id_.rpartition("/")[2]
    inner = "internal-" if making.get("internal") else ""
    subnets = making.provider.cloud.objects("aws:ec2/subnet:Subnet")
    found = [e.inputs["vpcId"] for e in subnets if e.id in making.get("subnets", ())]
    return {
        "arn": id_,
        "arnSuffix": id_.partition(":loadbalancer/")[2],
        "dnsName": f"{inner}{name}-{number(tail, 10**9)}.{region(making)}.elb.amazonaws.com",
        "zoneId": "Z35SXDOTRQ7X7K",
        "vpcId": next(iter(found), None),
        "loadBalancerType": making.get("loadBalancerType", "application"),
        "ipAddressType": making.get("ipAddressType", "ipv4"),
        "internal": making.get("internal", False),
        "idleTimeout": making.get("idleTimeout", 60),
        "enableHttp2": making.get("enableHttp2", True),
        "enableDeletionProtection": making.get("enableDeletionProtection", False),
    }


def _zones(making: Making) -> None:
    if making.get("loadBalancerType", "application") != "application":
        return
    wanted = [*making.get("subnets", ())]
    subnets = making.provider.cloud.objects("aws:ec2/subnet:Subnet")
    zones = {e.outputs.get("availabilityZone") for e in subnets if e.id in wanted}
    if wanted and len(zones) < 2:
        raise Refused(
            "ValidationError: At least two subnets in two different Availability Zones must be "
            "specified"
        )


def _protected(provider: Provider, gone: Object) -> None:
    if gone.outputs.get("enableDeletionProtection"):
        raise Refused(f"OperationNotPermitted: {gone.id} cannot be deleted: deletion protection")
    for each in provider.cloud.objects(LISTENER):
        if each.inputs["loadBalancerArn"] == gone.id:
            provider.cloud.remove(each)


def _suffixed(service: str, path: str, digits: int = 16) -> Any:
    def make(making: Making) -> str:
        name = making.get("name") or f"{making.get('namePrefix', '')}{secrets.token_hex(8)}"
        kind = {"network": "net"}.get(making.get("loadBalancerType", ""), "app")
        return arn(
            making, service, f"{path.format(kind=kind)}{name}/{secrets.token_hex(digits // 2)}"
        )

    return make


def _targets(making: Making, id_: str) -> dict[str, Any]:
    return {
        "arn": id_,
        "arnSuffix": id_.rpartition(":")[2],
        "loadBalancerArns": [],
        "targetType": making.get("targetType", "instance"),
        "deregistrationDelay": making.get("deregistrationDelay", 300),
        "protocolVersion": making.get("protocolVersion", "HTTP1"),
        "healthCheck": {"enabled": True, "healthyThreshold": 3, "interval": 30, "path": "/"}
        | making.get("healthCheck", {}),
    }


def _actions(name: str) -> Any:
    def check(inputs: Mapping[str, Any]) -> Iterator[Problem]:
        given = inputs.get(name)
        for index, action in enumerate(given if isinstance(given, list) else ()):
            where = f"{name}[{index}]"
            groups = (action.get("forward") or {}).get("targetGroups") or []
            for each in groups:
                weight = each.get("weight", 1)
                if weight != UNKNOWN and not 0 <= weight <= MAXIMUM_WEIGHT:
                    yield f"{where}.forward", f"weight {weight} is not within 0 to {MAXIMUM_WEIGHT}"
            if len(groups) > 5:
                yield f"{where}.forward", "at most 5 target groups"
            if action.get("type") == "forward" and not groups and not action.get("targetGroupArn"):
                yield where, "a forward action has a target group"

    return check


def _rule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _actions("actions")(inputs)
    count = sum(
        len(kind.get(name) or ())
        for condition in inputs.get("conditions") or ()
        if isinstance(condition, Mapping)
        for kind in condition.values()
        if isinstance(kind, Mapping)
        for name in ("values", "regexValues")
    )
    if count > MAXIMUM_VALUES:
        yield "conditions", f"at most {MAXIMUM_VALUES} condition values in a rule, got {count}"


def _listener(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    secure = inputs.get("protocol") in ("HTTPS", "TLS")
    if secure and not inputs.get("certificateArn"):
        yield "certificateArn", "a certificate must be specified for HTTPS listeners"
    if inputs.get("sslPolicy") and not secure:
        yield "sslPolicy", "only for HTTPS and TLS listeners"
    yield from _actions("defaultActions")(inputs)


def _issued(making: Making) -> None:
    wanted = making.get("certificateArn")
    for each in making.provider.cloud.objects(CERTIFICATE):
        if each.id == wanted and each.outputs["status"] != "ISSUED":
            raise Refused(f"UnsupportedCertificate: {wanted} is {each.outputs['status']}")


def _inside(kind: str) -> Any:
    def make(making: Making) -> str:
        parent = making.inputs["listenerArn" if "rule" in kind else "loadBalancerArn"]
        before = ":listener/" if "rule" in kind else ":loadbalancer/"
        return f"{str(parent).replace(before, kind)}/{secrets.token_hex(8)}"

    return make


def _zone(making: Making, id_: str) -> dict[str, Any]:
    servers = [f"ns-{number(id_ + end, 2048)}.awsdns-{n:02}.{end}" for n, end in enumerate(ENDS)]
    return {
        "arn": f"arn:aws:route53:::hostedzone/{id_}",
        "zoneId": id_,
        "nameServers": servers,
        "primaryNameServer": servers[0],
        "comment": making.get("comment", "Managed by Pulumi"),
    }


ENDS = ("com", "net", "org", "co.uk")


def _empty(provider: Provider, gone: Object) -> None:
    records = [e for e in provider.cloud.objects(RECORD) if e.inputs["zoneId"] == gone.id]
    if records and not gone.inputs.get("forceDestroy"):
        raise Refused(f"HostedZoneNotEmpty: {gone.id} has {len(records)} record sets")
    for each in records:
        provider.cloud.remove(each)


def _full(making: Making) -> str:
    zones = {each.id: each.outputs["name"] for each in making.provider.cloud.objects(ZONE)}
    zone = str(zones.get(making.inputs["zoneId"], "")).rstrip(".")
    name = str(making.inputs["name"]).rstrip(".")
    return name if not zone or name == zone or name.endswith(f".{zone}") else f"{name}.{zone}"


def _record(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    if not inputs.get("records") and not inputs.get("aliases"):
        yield "records", "one of records, aliases must be given"
    if inputs.get("records") and inputs.get("ttl") is None:
        yield "ttl", "required with records"
    routed = [n for n in inputs if n.endswith(("RoutingPolicies", "RoutingPolicy")) and inputs[n]]
    if routed and not inputs.get("setIdentifier"):
        yield "setIdentifier", f"required with {routed[0]}"


def _free(making: Making) -> None:
    mine = (_full(making), making.get("type"), making.get("setIdentifier"), making.get("zoneId"))
    for other in making.provider.cloud.objects(RECORD):
        itself = making.old is not None and making.old.id == other.id
        given = other.inputs
        theirs = (
            other.outputs["fqdn"],
            *(given.get(n) for n in ("type", "setIdentifier", "zoneId")),
        )
        if mine == theirs and not itself:
            if making.get("allowOverwrite"):
                making.provider.cloud.remove(other)
            else:
                raise Refused(
                    f"InvalidChangeBatch: Tried to create resource record set [name='{mine[0]}', "
                    f"type='{mine[1]}'] but it already exists"
                )


def _options(making: Making) -> list[dict[str, str]]:
    names = [making.get("domainName"), *making.get("subjectAlternativeNames", ())]
    options = []
    for name in dict.fromkeys(each for each in names if each):
        bare = str(name).removeprefix("*.")
        token = hashlib.md5(bare.encode()).hexdigest()
        options.append(
            {
                "domainName": str(name),
                "resourceRecordName": f"_{token}.{bare}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{token[::-1]}.acm-validations.aws.",
            }
        )
    return options


def _certificate(making: Making, id_: str) -> dict[str, Any]:
    names = [making.get("domainName"), *making.get("subjectAlternativeNames", ())]
    return {
        "arn": id_,
        "status": "PENDING_VALIDATION" if making.get("validationMethod") else "ISSUED",
        "type": "AMAZON_ISSUED" if making.get("validationMethod") else "IMPORTED",
        "domainValidationOptions": _options(making) if making.get("validationMethod") else [],
        "subjectAlternativeNames": [*dict.fromkeys(each for each in names if each)],
        "keyAlgorithm": making.get("keyAlgorithm", "RSA_2048"),
        "validationEmails": [],
        "renewalEligibility": "INELIGIBLE",
        "pendingRenewal": False,
    }


def _certified(making: Making) -> Object:
    certificates = making.provider.cloud.objects(CERTIFICATE)
    return next(e for e in certificates if e.id == making.get("certificateArn"))


def _proven(making: Making) -> None:
    """Wait in vain where the records that prove the ownership of a name are not there."""
    there = {
        str(each.outputs["fqdn"]).rstrip(".") for each in making.provider.cloud.objects(RECORD)
    }
    for each in _certified(making).outputs["domainValidationOptions"]:
        if each["resourceRecordName"].rstrip(".") not in there:
            raise Refused(
                "timeout while waiting for state to become 'ISSUED' (last state: "
                f"'PENDING_VALIDATION'): no record proves {each['domainName']}"
            )


def _issue(making: Making, made: Object) -> None:
    certificate = _certified(making)
    outputs = {**certificate.outputs, "status": "ISSUED", "renewalEligibility": "ELIGIBLE"}
    making.provider.cloud.put(replace(certificate, outputs=outputs))


KINDS: dict[str, Kind] = {
    BALANCER: Kind(
        forces=forcing("name", "namePrefix", "internal", "loadBalancerType", "region"),
        autoname="name",
        limit=32,
        unique=("name",),
        id=_suffixed("elasticloadbalancing", "loadbalancer/{kind}/"),
        outputs=_balancer,
        check=_name,
        before=_zones,
        release=_protected,
    ),
    TARGETS: Kind(
        forces=forcing(
            *("name", "namePrefix", "port", "protocol", "protocolVersion", "vpcId", "targetType"),
            *("ipAddressType", "region"),
        ),
        autoname="name",
        limit=32,
        unique=("name",),
        id=_suffixed("elasticloadbalancing", "targetgroup/"),
        outputs=_targets,
        check=_name,
        blocks=(LISTENER, RULE, "aws:ecs/service:Service"),
    ),
    LISTENER: Kind(
        forces=forcing("loadBalancerArn", "region"),
        unique=("loadBalancerArn", "port"),
        id=_inside(":listener/"),
        outputs=lambda making, id_: {
            "arn": id_,
            "protocol": making.get("protocol", "HTTP"),
            "sslPolicy": making.get(
                "sslPolicy",
                "ELBSecurityPolicy-2016-08" if making.get("protocol") == "HTTPS" else None,
            ),
        },
        check=_listener,
        before=_issued,
    ),
    RULE: Kind(
        forces=forcing("listenerArn", "region"),
        unique=("listenerArn", "priority"),
        id=_inside(":listener-rule/"),
        outputs=lambda making, id_: {"arn": id_, "priority": making.get("priority", 1)},
        check=_rule,
    ),
    "aws:lb/listenerCertificate:ListenerCertificate": Kind(
        forces=forcing("listenerArn", "certificateArn"),
        unique=("listenerArn", "certificateArn"),
        id=by("listenerArn", "certificateArn", between="_"),
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Kind(
        forces=forcing("targetGroupArn", "targetId", "port", "availabilityZone"),
        id=random_id("tga"),
    ),
    ZONE: Kind(
        forces=forcing("name", "delegationSetId"),
        id=lambda making: f"Z{secrets.token_hex(10).upper()}",
        outputs=_zone,
        release=_empty,
    ),
    RECORD: Kind(
        forces=forcing("zoneId", "name", "type", "setIdentifier"),
        id=lambda making: "_".join(
            str(part)
            for part in (
                *(making.inputs["zoneId"], _full(making), making.inputs["type"]),
                *([making.get("setIdentifier")] if making.get("setIdentifier") else []),
            )
        ),
        outputs=lambda making, id_: {"fqdn": _full(making)},
        check=_record,
        before=_free,
    ),
    CERTIFICATE: Kind(
        forces=forcing(
            *("domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"),
            *("certificateAuthorityArn", "validationOptions", "region"),
        ),
        id=lambda making: arn(making, "acm", f"certificate/{uuid.uuid4()}"),
        outputs=_certificate,
        blocks=(LISTENER, "aws:cloudfront/distribution:Distribution"),
    ),
    VALIDATION: Kind(
        forces=forcing("certificateArn", "validationRecordFqdns", "region"),
        id=lambda making: (
            time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC", time.gmtime()) + f" {secrets.token_hex(4)}"
        ),
        before=_proven,
        after=_issue,
    ),
}
# The same resources under their other names.
KINDS |= {token.replace("aws:lb/", "aws:alb/"): kind for token, kind in KINDS.items()}
