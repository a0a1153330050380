"""Who is let into a cluster of EKS, on the real engine: entries come, go and stay."""

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine
from tests.plugins.test_aws_backend import ROOT

pytestmark = pytest.mark.integration
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
PROGRAM = """
    import pulumi
    from components.cluster import eks_administrators

    wanted = pulumi.Config().require_object("wanted")
    opts = pulumi.ResourceOptions()
    eks_administrators.declare("cluster", "shop", wanted, {"owner": "ada"}, opts)
"""
BY_PLACE = """
    import pulumi
    import pulumi_aws as aws
    from components.cluster.eks_administrators import POLICY

    for n, principal in enumerate(pulumi.Config().require_object("wanted")):
        of = {"cluster_name": "shop", "principal_arn": principal}
        name = f"cluster-administrator-{n}"
        entry = aws.eks.AccessEntry(name, tags={"owner": "ada"}, **of)
        aws.eks.AccessPolicyAssociation(
            f"{name}-policy",
            cluster_name="shop",
            principal_arn=entry.principal_arn,
            policy_arn=POLICY,
            access_scope={"type": "cluster"},
        )
"""
ADA, BOB, EVE = (f"arn:aws:iam::123456789012:role/{name}" for name in ("ada", "bob", "eve"))


@pytest.fixture
def there(engine: Engine, plugins: Plugins) -> Engine:
    plugins.exists("aws:eks/cluster:Cluster", {"name": "shop"}, id="shop")
    engine.environment["PYTHONPATH"] = str(ROOT)
    return engine.program(PROGRAM).configure(wanted=[ADA, BOB])


def kinds(plugins: Plugins) -> list[str]:
    """List what was changed since the last time, without names."""
    found = [each.rpartition(" ")[0] for each in plugins.changes()]
    plugins.forget()
    return found


def test_one_who_goes_or_moves_in_the_list_leaves_the_others_alone(
    there: Engine, plugins: Plugins
) -> None:
    there.up().ok()
    kinds(plugins)

    there.configure(wanted=[BOB, ADA]).unchanged()
    there.configure(wanted=[EVE, BOB]).up().ok()

    assert sorted(kinds(plugins)) == sorted(
        f"{change} {kind}" for change in ("Create", "Delete") for kind in (ENTRY, POLICY)
    )
    assert {each.inputs["principalArn"] for each in plugins.objects(ENTRY)} == {BOB, EVE}


def test_entries_that_were_called_by_their_place_stay(there: Engine, plugins: Plugins) -> None:
    there.program(BY_PLACE).up().ok()
    kinds(plugins)

    there.program(PROGRAM).up().ok()
    assert kinds(plugins) == []
    there.configure(wanted=[BOB]).up().ok()

    assert sorted(kinds(plugins)) == [f"Delete {ENTRY}", f"Delete {POLICY}"]
