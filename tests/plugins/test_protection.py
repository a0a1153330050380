"""Protection of what holds state, by the real engine."""

from pathlib import Path

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
PROGRAM = """
import pulumi
import pulumi_aws as aws

from components.protection import protecting

said = pulumi.Config()


class Group(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("test:index:Group", "group", None, protecting(said.require("environment")))
        inside = pulumi.ResourceOptions(parent=self)
        aws.ec2.Vpc("net", cidr_block=said.require("net"), opts=inside)
        if said.get("topic"):
            aws.sns.Topic("topic", name="alerts", opts=inside)
        aws.ec2.SecurityGroup("rules", description="nothing that is lost", opts=inside)


Group()
"""
VPC, TOPIC = "aws:ec2/vpc:Vpc", "aws:sns/topic:Topic"


def protected(engine: Engine) -> set[str]:
    return {name for name, each in engine.resources().items() if each.get("protect")}


def unprotect(engine: Engine, name: str) -> None:
    engine.pulumi("state", "unprotect", engine.resources()[name]["urn"], "--yes").ok()


@pytest.fixture
def existing(engine: Engine) -> Engine:
    """A stack that was made before anything was protected."""
    engine.environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    engine.program(PROGRAM).configure(environment="staging", net="10.0.0.0/16", topic="yes")
    engine.up().ok()
    assert protected(engine) == set()
    return engine


def test_a_stack_that_exists_is_protected_by_its_next_update_and_nothing_else_changes(
    existing: Engine, plugins: Plugins
) -> None:
    plugins.forget()
    existing.configure(environment="production")

    existing.unchanged()
    existing.up().ok()

    assert protected(existing) == {"net", "topic"}
    assert plugins.changes() == []
    existing.unchanged()


def test_state_is_replaced_or_deleted_only_once_its_protection_is_lifted(
    existing: Engine, plugins: Plugins
) -> None:
    existing.configure(environment="production")
    existing.up().ok()
    before = plugins.object(VPC)

    existing.configure(net="10.1.0.0/16", topic="")
    existing.preview().failed("::net", "currently marked for protection", "::topic", "deleted")
    existing.up().failed("net", "protection")
    assert plugins.object(VPC) == before
    assert plugins.objects(TOPIC)

    unprotect(existing, "net")
    unprotect(existing, "topic")
    existing.up().ok()

    assert plugins.object(VPC).outputs["cidrBlock"] == "10.1.0.0/16"
    assert plugins.objects(TOPIC) == []
    assert protected(existing) == {"net"}
    existing.unchanged()
    existing.destroy().failed("net", "protected")
    assert plugins.objects(VPC)


def test_what_was_deleted_behind_the_engines_back_comes_back_protected(
    existing: Engine, plugins: Plugins
) -> None:
    existing.configure(environment="production")
    existing.up().ok()
    plugins.delete(plugins.object(VPC))

    existing.up("--refresh").ok()

    assert plugins.object(VPC)
    assert protected(existing) == {"net", "topic"}
