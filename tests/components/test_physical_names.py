"""Names within limits: one by one, and all those of the checked-in stacks."""

import re
from collections import Counter
from typing import Any

import pytest

from components.physical_names import within
from tests.components.aws import at_aws, of_kind
from tests.components.stacks import watched
from tests.doubles.program import Declared

AWS = {
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:eks/cluster:Cluster": 100,
    "aws:kms/alias:Alias": 256,
    "aws:iam/role:Role": 64,
    "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 255,
    "aws:cloudwatch/logGroup:LogGroup": 512,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": 512,
    "aws:sns/topic:Topic": 256,
    "aws:secretsmanager/secret:Secret": 512,
}
OTHERWISE = {
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", 255),
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": ("configurationName", 128),
}
BY_THE_ENGINE, BY_AWS = 8, 26
"""What is added to the name of a resource without one, and to a prefix."""
OF_A_LABEL = ("core/v1:Namespace", "core/v1:Service")
"""Kinds whose names are labels of the DNS; those of others may be longer, with dots."""
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
LONG = f"apps/{'long-name-' * 9}"
EITHER = pytest.mark.parametrize("stack", ["staging", "production"])
ANY_LENGTH = pytest.mark.parametrize("application", ["examples/todo", LONG], ids=len)


def named(stack: str, application: str) -> Declared:
    """Declare a checked-in stack as that of a place with a long name."""
    return watched(stack, name=f"{stack}-of-the-second-region", application=application)


def length(name: str, given: dict[str, Any]) -> int:
    """Return how long a name will be at AWS."""
    if "name" in given:
        return len(given["name"])
    if "namePrefix" in given:
        return len(given["namePrefix"]) + BY_AWS
    return len(name) + BY_THE_ENGINE


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert within(10, "shop-green") == "shop-green"


def test_a_longer_name_is_cut_and_still_nobody_elses() -> None:
    one, other = (within(20, f"a-very-long-application-{slot}") for slot in ("blue", "green"))

    assert len(one) == len(other) == 20
    assert one != other
    assert one == within(20, "a-very-long-application-blue")


@ANY_LENGTH
def test_names_at_aws_are_within_the_limits_of_their_services(application: str) -> None:
    found = named("production", application)

    for kind, limit in AWS.items():
        made = of_kind(found, kind)
        assert made, kind
        for name, given in made.items():
            assert 0 < length(name, given) <= limit, name
    for kind, (key, limit) in OTHERWISE.items():
        for name, given in of_kind(found, kind).items():
            assert 0 < len(given[key]) <= limit, name
    chosen = Counter((kind, given["name"]) for _, kind, given in at_aws(found) if "name" in given)
    records = "aws:route53/record:Record"  # of one name there may be several types
    assert [kind for (kind, _), n in chosen.items() if n > 1 and kind != records] == []


@EITHER
@ANY_LENGTH
def test_names_and_labels_of_objects_are_what_kubernetes_takes(
    stack: str, application: str
) -> None:
    found = named(stack, application)
    objects = {
        name: (path.rpartition("kubernetes:")[2], found.inputs[name]["metadata"])
        for name, path in found.types().items()
        if "metadata" in found.inputs.get(name, {})
    }

    assert {kind for kind, _ in objects.values()} > set(OF_A_LABEL)
    for name, (kind, about) in objects.items():
        called = about.get("name", f"{name}{'-' * BY_THE_ENGINE}0")
        assert (LABEL if kind in OF_A_LABEL else SUBDOMAIN).fullmatch(called), name
        for value in about.get("labels", {}).values():
            assert VALUE.fullmatch(value), f"{name}: {value}"
