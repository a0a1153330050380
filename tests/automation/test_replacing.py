from dataclasses import dataclass, field

import pytest

from automation import replacing
from automation.engine.care import Care
from automation.engine.deployed import Resource
from automation.errors import Blocked
from components.contract.stateful import lost_with

VPC = "urn:pulumi:production::slipway::slipway:index:Application$aws:ec2/vpc:Vpc::app-vpc"
RULE = "urn:pulumi:production::slipway::aws:lb/listenerRule:ListenerRule::app-rule"
PROJECT = "urn:pulumi:production::slipway::x$pulumi-python:dynamic/neon:Project::app-project"
REPLACED = [("create-replacement", VPC), ("replace", VPC), ("delete-replaced", VPC)]


def test_what_is_replaced_or_deleted_is_named_once_with_what_is_lost():
    found = replacing.losses([*REPLACED, ("delete", RULE), ("update", PROJECT)])

    assert [str(loss) for loss in found] == [
        "app-vpc (aws:ec2/vpc:Vpc) would be replaced; lost: the network and everything in it",
        "app-rule (aws:lb/listenerRule:ListenerRule) would be deleted",
    ]


def test_what_holds_nothing_may_go():
    replacing.refuse([("replace", RULE), ("delete", RULE)], (), "production")


def test_state_is_lost_only_by_its_name():
    resources = [*REPLACED, ("delete", PROJECT)]

    with pytest.raises(Blocked, match="2 resources with state") as refused:
        replacing.refuse(resources, ["app-rule"], "production")
    with pytest.raises(Blocked, match="1 resources") as one:
        replacing.refuse(resources, ["app-vpc"], "production")
    replacing.refuse(resources, ["app-vpc", "app-project"], "production")

    assert "--allow-replace app-vpc --allow-replace app-project" in refused.value.hint
    assert one.value.details == (
        "app-project (pulumi-python:dynamic/neon:Project) would be deleted; "
        "lost: the database and its backups",
    )


@pytest.mark.parametrize(
    "token",
    [
        "aws:eks/cluster:Cluster",
        "aws:s3/bucketV2:BucketV2",
        "aws:rds/cluster:Cluster",
        "aws:secretsmanager/secret:Secret",
        "aws:route53/zone:Zone",
        "random:index/randomPassword:RandomPassword",
        "kubernetes:core/v1:Namespace",
    ],
)
def test_a_type_that_holds_state_is_known(token: str):
    assert lost_with(token)


@pytest.mark.parametrize("token", ["aws:ec2/route:Route", "kubernetes:apps/v1:Deployment"])
def test_a_type_that_holds_none_is_not(token: str):
    assert lost_with(token) == ""


def resource(name: str, within: str = "", *, protected: bool = True) -> Resource:
    place = "urn:pulumi:production::slipway::x$pulumi-python:dynamic/neon:Branch::"
    return Resource(f"{place}{name}", name, protected, False, "", within and f"{place}{within}")


@dataclass
class Told:
    """An engine that holds some resources, and events that are written down."""

    held: list[Resource]
    care: Care
    lifted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def engine(self) -> "Told":
        return self

    @property
    def events(self) -> "Told":
        return self

    def note(self, text: str) -> None:
        self.notes.append(text)

    def resources(self) -> list[Resource]:
        return self.held

    def unprotect(self, resources: list[Resource]) -> list[str]:
        self.lifted = [each.name for each in resources if each.protected]
        return self.lifted


def test_protection_is_lifted_by_name_from_a_thing_and_from_what_goes_with_it():
    held = [resource("app-project"), resource("app-branch", "app-project"), resource("app-vpc")]
    held += [resource("app-role", "app-project", protected=False)]

    told = Told(held, Care(allowed=frozenset({"app-project"})))
    replacing.unprotect(told)
    nobody = Told(held, Care(allowed=frozenset({"app-other"})))
    replacing.unprotect(nobody)

    assert told.lifted == ["app-project", "app-branch"]
    assert told.notes == ["protection lifted for this update: app-project, app-branch"]
    assert (nobody.lifted, nobody.notes) == ([], [])


def test_what_the_engine_protects_is_refused_with_what_is_lost_and_how_to_allow_it():
    refused = replacing.protected([VPC, PROJECT], "production")

    assert refused.details == (
        "app-vpc (aws:ec2/vpc:Vpc); lost: the network and everything in it",
        "app-project (pulumi-python:dynamic/neon:Project); lost: the database and its backups",
    )
    assert "--allow-replace app-vpc --allow-replace app-project" in refused.hint
