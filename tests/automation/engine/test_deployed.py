"""What the engine's state says of resources."""

import json

import pytest

from automation.engine import deployed
from automation.engine.environment import EngineEnvironment
from automation.home import Home
from tests.doubles.pulumi import fake_pulumi

TYPE = "aws:eks/cluster:Cluster"
CLUSTER = f"urn:pulumi:production::slipway::slipway:x:Y${TYPE}::control-plane"
NETWORK = "urn:pulumi:production::slipway::aws:ec2/vpc:Vpc::network"


@pytest.mark.parametrize(
    ("outputs", "guard"),
    [
        ({"name": "one", "deletionProtection": True}, "awsDeletionProtection"),
        ({"deletionProtection": False}, ""),
        ({"name": "one"}, ""),
        (None, ""),
    ],
)
def test_what_its_cloud_would_not_delete_is_told_by_its_properties(
    tmp_path, monkeypatch, outputs, guard
):
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    resource = {"urn": CLUSTER, "type": TYPE, "id": "one", "outputs": outputs}
    resource["deletedWith"] = NETWORK
    (tmp_path / "state").write_text(json.dumps({"deployment": {"resources": [resource]}}))
    tools = fake_pulumi(tmp_path / "bin", f"cat {tmp_path}/state")
    environment = EngineEnvironment(home=Home(tmp_path / "home"), stack="production", tools=tools)

    [found] = deployed.resources(environment)

    assert (found.guard, found.within) == (guard, NETWORK)
    assert (found.name, found.type) == ("control-plane", TYPE)
