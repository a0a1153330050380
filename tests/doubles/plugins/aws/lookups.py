"""What a program asks AWS before, or instead of, making something."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.plugins.aws.naming import ACCOUNT, number, zones
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Provider, Refused

Arguments = Mapping[str, Any]


def lookup(provider: Provider, token: str, arguments: Arguments) -> dict[str, Any]:
    """Answer a function of the SDK: by its own rule, or by finding the one thing that fits."""
    region = str(arguments.get("region") or provider.config["region"])
    own = LOOKUPS.get(token)
    if own:
        return own(provider, arguments, region)
    found = matching(provider, token, arguments)
    if len(found) != 1:
        how = "no" if not found else "more than one"
        given = {k: v for k, v in arguments.items() if v is not None}
        raise Refused(f"{token}: {how} matching thing found for {given}")
    return {**arguments, **found[0].outputs, "id": found[0].id}


def matching(provider: Provider, token: str, arguments: Arguments) -> list[Object]:
    """List the things of the type that a function looks for."""
    module, _, name = token.removeprefix("aws:").partition(":")
    kind = name.removeprefix("get")
    path = f"{module.partition('/')[0]}/{kind[0].lower()}{kind[1:]}"
    wanted = {k: v for k, v in arguments.items() if isinstance(v, str) and k != "region"}
    found = []
    for each in provider.cloud.objects(f"aws:{path}:{kind}"):
        known = {**each.outputs, "id": each.id, **_synonyms(each)}
        fits = all(str(known.get(k, "")).rstrip(".") == v.rstrip(".") for k, v in wanted.items())
        tagged = _tagged(each, arguments.get("tags"))
        if fits and tagged and _filtered(known, arguments.get("filters")):
            found.append(each)
    return found


def _synonyms(thing: Object) -> dict[str, Any]:
    return {"domain": thing.outputs.get("domainName"), "secretId": thing.id} | (
        {"arn": thing.id} if thing.id.startswith("arn:") else {}
    )


def _tagged(thing: Object, tags: Any) -> bool:
    there = thing.outputs.get("tagsAll") or thing.outputs.get("tags") or {}
    return all(there.get(key) == value for key, value in (tags or {}).items())


def _filtered(known: Mapping[str, Any], filters: Any) -> bool:
    for each in filters or ():
        name = re.sub(r"-(\w)", lambda found: found.group(1).upper(), each["name"])
        value = (
            (known.get("tagsAll") or {}).get(name[4:])
            if name.startswith("tag:")
            else known.get(name)
        )
        if str(value) not in [str(one) for one in each["values"]]:
            return False
    return True


def _identity(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session"
    return {"accountId": ACCOUNT, "arn": arn, "userId": "AROAEXAMPLE:session", "id": ACCOUNT}


def _region(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    about = {"description": region, "endpoint": f"ec2.{region}.amazonaws.com"}
    return {"id": region, "name": region, "region": region, **about}


def _partition(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    dns = {"dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
    return {"id": "aws", "partition": "aws", **dns}


def _zones(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    without = {*(arguments.get("excludeZoneIds") or ()), *(arguments.get("excludeNames") or ())}
    found = {name: id_ for name, id_ in zones(region).items() if not {name, id_} & without}
    return {
        "id": region,
        "names": [*found],
        "zoneIds": [*found.values()],
        "groupNames": [region],
        "state": "available",
    }


def _policy(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    statements = [_statement(each) for each in arguments.get("statements") or ()]
    content = {"Version": arguments.get("version") or "2012-10-17", "Statement": statements}
    text = json.dumps(content, indent=2)
    return {"id": str(number(text, 10**10)), "json": text, "minifiedJson": json.dumps(content)}


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": given.get("effect") or "Allow"}
    if given.get("sid"):
        made["Sid"] = given["sid"]
    names = {"actions": "Action", "notActions": "NotAction"}
    names |= {"resources": "Resource", "notResources": "NotResource"}
    for name, written in names.items():
        if given.get(name):
            made[written] = _one(given[name])
    for name, written in {"principals": "Principal", "notPrincipals": "NotPrincipal"}.items():
        if given.get(name):
            by_type = {each["type"]: _one(each["identifiers"]) for each in given[name]}
            made[written] = "*" if by_type == {"*": "*"} else by_type
    for each in given.get("conditions") or ():
        tests = made.setdefault("Condition", {}).setdefault(each["test"], {})
        tests[each["variable"]] = _one(each["values"])
    return made


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else sorted(values)


def _auth(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    name = arguments["name"]
    return {"id": name, "name": name, "token": f"k8s-aws-v1.{number(name, 10**20)}"}


def _subnets(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    found = [
        each.id
        for each in provider.cloud.objects("aws:ec2/subnet:Subnet")
        if _tagged(each, arguments.get("tags"))
        and _filtered({**each.outputs, "id": each.id}, arguments.get("filters"))
    ]
    return {"id": region, "ids": found}


def _balancer_account(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    return {"id": "127311923021", "arn": "arn:aws:iam::127311923021:root"}


def _default_tags(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    return {"id": "default", "tags": (provider.config.get("defaultTags") or {}).get("tags", {})}


def _secret_value(provider: Provider, arguments: Arguments, region: str) -> dict[str, Any]:
    stage = arguments.get("versionStage") or "AWSCURRENT"
    for each in provider.cloud.objects("aws:secretsmanager/secretVersion:SecretVersion"):
        secret = each.inputs["secretId"]
        named = arguments["secretId"] in (secret, secret.rpartition(":")[2].rpartition("-")[0])
        if named and stage in each.hidden.get("stages", each.outputs["versionStages"]):
            return {**each.outputs, "id": f"{secret}|{stage}", "versionStage": stage}
    raise Refused(f"ResourceNotFoundException: no {stage} of the secret {arguments['secretId']}")


LOOKUPS: Mapping[str, Callable[[Provider, Arguments, str], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getDefaultTags:getDefaultTags": _default_tags,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy,
    "aws:eks/getClusterAuth:getClusterAuth": _auth,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:elb/getServiceAccount:getServiceAccount": _balancer_account,
    "aws:secretsmanager/getSecretVersion:getSecretVersion": _secret_value,
}
