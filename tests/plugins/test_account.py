"""An account of AWS on the real engine: previewed, made, changed, and left empty."""

from pathlib import Path

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
PROGRAM = Path(__file__).parent / "programs" / "account.py"


def before(order: list[str], first: str, second: str) -> bool:
    return order.index(first) < order.index(second)


def test_an_account_is_previewed_made_changed_and_left_empty(
    engine: Engine, plugins: Plugins
) -> None:
    engine.program(PROGRAM.read_text())

    preview = engine.preview().ok()
    assert plugins.objects() == []
    assert "+ 41 to create" in preview.output
    assert "endpoint : [unknown]" in preview.output
    assert 'addresses: "10.0.0.0/16"' in preview.output

    engine.up().ok()
    engine.unchanged()
    outputs = engine.outputs()
    assert outputs["endpoint"].startswith("https://")
    assert outputs["host"].endswith(".eu-central-1.elb.amazonaws.com")
    assert outputs["tags"] == {"application": "shop"}
    made = [each.partition(" ")[2].rpartition(":")[2] for each in plugins.changes()]
    assert before(made, "Vpc net", "Subnet subnet-0")
    assert before(made, "Cluster cluster", "Namespace space")
    assert before(made, "Record proof", "CertificateValidation validated")
    assert before(made, "CertificateValidation validated", "Listener listener")
    assert "sentinel-of-a-secret" not in engine.state()
    assert "sentinel-of-a-secret" not in (plugins.state / "calls.jsonl").read_text()

    # Weights and a version are changed in place; a description of a security group replaces.
    plugins.forget()
    engine.configure(weights=[90, 10], version="1.34", description="another")
    engine.up().ok()
    changed = plugins.changes()
    assert "Update aws:lb/listener:Listener listener" in changed
    assert "Update aws:eks/cluster:Cluster cluster" in changed
    create, update, delete = (
        f"{method} aws:ec2/securityGroup:SecurityGroup group"
        for method in ("Create", "Update", "Delete")
    )
    assert before(changed, create, delete)
    assert update not in changed
    cluster = plugins.object("aws:eks/cluster:Cluster")
    assert cluster.outputs["version"] == "1.34"
    assert cluster.outputs["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
    engine.unchanged()

    plugins.forget()
    engine.destroy().ok()
    assert plugins.objects() == []
    gone = [each.partition(" ")[2].rpartition(":")[2] for each in plugins.changes()]
    assert before(gone, "Subnet subnet-0", "Vpc net")
    assert before(gone, "NodeGroup nodes", "Cluster cluster")
