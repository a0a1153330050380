import pytest

from automation import replacing
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
