"""What only AWS, Vercel and the maker of random values know: as far as programs here ask."""

from collections.abc import Mapping
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-central-1"
ZONES = {f"{REGION}{letter}": f"euc1-az{n}" for n, letter in enumerate("abc", 1)}
NO_CLUSTERS = {f"{REGION}0": "use1-az3"}
"""A zone that EKS refuses, before all others, as accounts in some regions have one."""
HOSTED_ZONE = "Z1HOSTED"
Given = Mapping[str, Any]


def looked_up(token: str, asked: Given) -> dict[str, Any]:
    """Answer a lookup. Any other than these is an error."""
    match token:
        case "aws:index/getAvailabilityZones:getAvailabilityZones":
            known, left_out = {**NO_CLUSTERS, **ZONES}, asked.get("excludeZoneIds") or ()
            names = [name for name, id_ in known.items() if id_ not in left_out]
            return {"id": REGION, "names": names}
        case "aws:route53/getZone:getZone":
            return {"id": HOSTED_ZONE, "zoneId": HOSTED_ZONE, "name": asked["name"]}
        case "aws:index/getCallerIdentity:getCallerIdentity":
            return {"id": ACCOUNT, "accountId": ACCOUNT}
        case "vercel:index/getPrebuiltProject:getPrebuiltProject":
            return {"id": asked["path"], "path": asked["path"], "output": {}}
    raise AssertionError(f"no program of this project calls {token}")


def invented(kind: str, name: str, given: Given) -> dict[str, Any]:
    """Return outputs that a cloud adds to what a resource is given."""
    if kind == "random:index/randomPassword:RandomPassword":
        return {"result": f"random-{name}"}
    if not kind.startswith("aws:"):
        return {}
    return {"arn": f"arn:aws:{name}", "region": REGION, **_of_kind(kind, name, given)}


def _of_kind(kind: str, name: str, given: Given) -> dict[str, Any]:
    match kind:
        case "aws:acm/certificate:Certificate":
            hosts = [given["domainName"], *given.get("subjectAlternativeNames", [])]
            return {"domainValidationOptions": [_proof(host) for host in hosts]}
        case "aws:eks/cluster:Cluster":
            group = {"clusterSecurityGroupId": "sg-cluster", "vpcId": "vpc-1"}
            return {
                "endpoint": "https://cluster.example",
                "certificateAuthority": {"data": "Q0E="},
                "vpcConfig": {**given["vpcConfig"], **group},
            }
        case "aws:lb/loadBalancer:LoadBalancer":
            return {"arnSuffix": f"app/{name}", "dnsName": f"{name}.elb", "zoneId": "Z2BALANCER"}
        case "aws:lb/targetGroup:TargetGroup":
            return {"arnSuffix": f"targetgroup/{name}"}
        case "aws:sns/topic:Topic":
            return {"owner": ACCOUNT}
        case "aws:kms/key:Key":
            return {"keyId": f"key-{name}"}
        case "aws:secretsmanager/secretVersion:SecretVersion":
            return {"secretArn": f"arn:aws:{given['secretId']}", "versionId": f"version-{name}"}
        case "aws:ec2/launchTemplate:LaunchTemplate":
            return {"latestVersion": 1}
        case "aws:route53/record:Record":
            return {"fqdn": given["name"]}
    return {}


def _proof(host: str) -> dict[str, str]:
    record = {"resourceRecordName": f"_proof.{host}", "resourceRecordType": "CNAME"}
    return {"domainName": host, **record, "resourceRecordValue": f"{host}.acm-validations.aws"}
