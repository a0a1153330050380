"""What the engine says when it refuses, in its own words."""

import pytest

from automation.engine.errors import refusals
from automation.engine.update import Update
from automation.errors import Blocked, EngineFailed

VPC = "urn:pulumi:production::slipway::slipway:x:Y$aws:ec2/vpc:Vpc::app-vpc"
CLUSTER = "urn:pulumi:production::slipway::slipway:x:Y$aws:eks/cluster:Cluster::app-cluster"
REFUSED = [
    f'unable to replace resource "{VPC}"\nas it is currently marked for protection. To unprotect',
    f'unable to replace resource "{VPC}" as part of replacing "{CLUSTER}" as it is currently '
    "marked for protection. To unprotect the resource, remove the `protect` flag",
    f'resource "{VPC}" cannot be deleted\nbecause it is protected. To unprotect the resource,',
]


def refusing(said: str) -> None:
    with refusals(Update(problems=[said]), "production"):
        raise EngineFailed("the engine did not succeed")


@pytest.mark.parametrize("said", REFUSED, ids=["replaced", "with another", "deleted"])
def test_what_is_protected_is_named_with_the_option_that_lifts_it(said: str) -> None:
    with pytest.raises(Blocked, match=r"would be replaced or deleted: app-vpc$") as refused:
        refusing(said)

    assert "./slipway up production --allow-replace app-vpc, which" in refused.value.hint


def test_any_other_failure_stays_what_it_is() -> None:
    with pytest.raises(EngineFailed, match="did not succeed"):
        refusing("quota")
