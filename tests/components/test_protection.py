"""Who is protected, and who is not."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.protection import protecting
from tests.doubles.program import Declared, declare


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:index:Group", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        let_go = pulumi.ResourceOptions(parent=self, protect=False)
        aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=inside)
        aws.ec2.RouteTable("routes", vpc_id="vpc-1", opts=inside)
        aws.ec2.Vpc("scratch", cidr_block="10.1.0.0/16", opts=let_go)


class Outer(pulumi.ComponentResource):
    def __init__(self, environment: str) -> None:
        super().__init__("test:index:Outer", "outer", None, protecting(environment))
        Group("group", pulumi.ResourceOptions(parent=self))


def made(environment: str) -> Declared:
    def program() -> dict[str, pulumi.Output[Any]]:
        Outer(environment)
        aws.ec2.Vpc("elsewhere", cidr_block="10.2.0.0/16")
        return {}

    return declare(program, stack=environment)


def test_in_production_state_is_protected_unless_its_component_says_that_it_is_not() -> None:
    assert made("production").protected == {"net"}


@pytest.mark.parametrize("environment", ["development", "staging"])
def test_elsewhere_nothing_is(environment: str) -> None:
    assert made(environment).protected == set()
