"""How Terraform's providers call what the engine's call: the latter are made from the former.

The engine writes names in camel case and lists in the plural, and puts types in modules.
"""

import re
from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "random:index/randomPassword:RandomPassword": "random_password",
    "aws:index/getAvailabilityZones:getAvailabilityZones": "aws_availability_zones",
    "aws:index/getCallerIdentity:getCallerIdentity": "aws_caller_identity",
    "aws:index/getRegion:getRegion": "aws_region",
    "aws:index/getPartition:getPartition": "aws_partition",
}
"""Types whose names follow from no rule."""
RENAMED: Mapping[str, Mapping[str, str]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"name": "alarmName"},
    "vercel:index/projectEnvironmentVariable:ProjectEnvironmentVariable": {"targets": "target"},
}
"""Arguments that are called otherwise than in the SDK."""
WITHOUT_MODULE = ("ec2", "index")
"""Modules that are no part of the names in them."""
SAME = frozenset({"ingress", "egress", "tags", "status", "access", "metrics", "https"})
"""Blocks that are called alike, one or many."""
SINGULARS: Mapping[str, str] = {
    "policies": "policy",
    "queries": "query",
    "entries": "entry",
    "aliases": "alias",
}
MAPS = frozenset({"tags", "dimensions", "labels", "environment_variables", "variables"})
"""Arguments that map names of their own to texts; every other object is a block."""


def type_name(token: str) -> str:
    """Return the type of a resource or a data source."""
    if token in TYPES:
        return TYPES[token]
    package, module, kind = token.split(":")
    folder = module.partition("/")[0]
    named = snake(re.sub(r"^get(?=[A-Z])", "", kind))
    inside = "" if folder in WITHOUT_MODULE else f"{folder}_"
    return f"{package}_{inside}{named}"


def argument(name: str, *, repeated: bool) -> str:
    """Return the name of an argument, or of a block that may be `repeated`."""
    plain = snake(name)
    if not repeated or plain in SAME:
        return plain
    before, _, last = plain.rpartition("_")
    one = SINGULARS.get(last) or (last if last in SAME else last.removesuffix("s"))
    return f"{before}_{one}" if before else one


def snake(name: str) -> str:
    """Return a name in camel case with underscores instead."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def label(name: str) -> str:
    """Return how a resource is called in a configuration."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", name.removeprefix("application-"))
