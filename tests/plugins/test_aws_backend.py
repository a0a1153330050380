"""What an environment has at AWS, on the real engine: previewed, made, shifted, upgraded, left."""

from pathlib import Path
from typing import Any

import pytest

from components.contract.desired import DesiredState
from tests.components.examples import live, release
from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = [pytest.mark.integration, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).parent / "programs" / "aws_backend.py"
ZONE = "aws:route53/zone:Zone"
RULE = "aws:lb/listenerRule:ListenerRule"
RECORD = "aws:route53/record:Record"
CLUSTER = "aws:eks/cluster:Cluster"
CHOSEN = {
    "backendPlatform": "aws_eks",
    "loadBalancerPlatform": "aws_alb",
    "certificatePlatform": "aws_acm",
    "secretsPlatform": "aws_secrets_manager",
    "domain": "shop.example.com",
    "route53Zone": "example.com",
    "awsRegion": "eu-central-1",
    "owner": "shop-team",
}


def declare(engine: Engine, state: DesiredState, **settings: Any) -> Engine:
    """Let the program declare a state."""
    file = engine.folder / "state.json"
    file.write_text(state.model_dump_json())
    engine.environment["SLIPWAY_DESIRED_STATE"] = str(file)
    engine.environment["PYTHONPATH"] = str(ROOT)
    engine.program(PROGRAM.read_text())
    return engine.configure(**CHOSEN, **settings)


def owned(plugins: Plugins) -> list[str]:
    """Name what exists but the zone, which was there before."""
    return [f"{each.type} {each.name}" for each in plugins.objects() if each.type != ZONE]


@pytest.fixture
def there(engine: Engine, plugins: Plugins) -> Engine:
    plugins.exists(ZONE, {"name": "example.com", "zoneId": "Z1"}, id="Z1")
    return engine


def test_it_is_previewed_made_shifted_upgraded_and_leaves_nothing(
    there: Engine, plugins: Plugins
) -> None:
    engine = declare(there, live())
    preview = engine.preview().ok()
    assert owned(plugins) == []
    assert "to create" in preview.output

    engine.up().ok()
    engine.unchanged()
    outputs = engine.outputs()
    assert outputs["origin"] == "https://api.shop.example.com"
    assert outputs["blue"].partition("#")[0].startswith("arn:aws:secretsmanager:eu-central-1:")
    alias = plugins.object(RECORD, "application-dns-api.shop.example.com")
    assert alias.inputs["aliases"][0]["name"] == outputs["host"]
    assert outputs["secrets"]["SESSION_KEY"] not in engine.state()

    plugins.forget()
    both = live(release("r1"), release("r2"))
    shifted = both.with_service("backend", both.backend.with_weights(blue=90, green=10))
    declare(engine, shifted).up().ok()
    assert plugins.changes() == [f"Update {RULE} application-load-balancer-rule-everybody"]

    plugins.forget()
    running = plugins.object(CLUSTER).outputs["version"]
    after = f"1.{int(running.partition('.')[2]) + 1}"
    too_far = f"1.{int(running.partition('.')[2]) + 2}"
    declare(engine, shifted, eksVersion=too_far)
    engine.preview().failed(f"deploy with {after} first")
    declare(engine, shifted, eksVersion=after).up().ok()
    assert plugins.changes() == [f"Update {CLUSTER} application-cluster-control-plane"]

    engine.destroy().ok()
    assert owned(plugins) == []
    assert plugins.object(ZONE).id == "Z1"


def test_managed_nodes_and_endpoints_are_made_and_leave_nothing(
    there: Engine, plugins: Plugins
) -> None:
    engine = declare(
        there, live(), eksNodes="managed", awsOutbound="endpoints", awsZones="2", eksVersion="1.33"
    )

    engine.up().ok()
    engine.unchanged()
    order = plugins.changes()
    nodes = "Create aws:eks/nodeGroup:NodeGroup application-cluster-nodes"
    assert order.index("Create aws:eks/addon:Addon application-cluster-vpc-cni") < order.index(
        nodes
    )
    assert order.index(nodes) < order.index(
        "Create kubernetes:core/v1:Namespace application-cluster-namespace"
    )
    plugins.forget()
    declare(engine, live(), eksNodes="managed", eksVersion="1.34").up().ok()
    assert f"Update {CLUSTER} application-cluster-control-plane" in plugins.changes()
    assert "Update aws:eks/nodeGroup:NodeGroup application-cluster-nodes" in plugins.changes()

    engine.destroy().ok()
    assert owned(plugins) == []


def test_a_zone_that_does_not_exist_stops_everything_before_it_begins(
    engine: Engine, plugins: Plugins
) -> None:
    declare(engine, live()).preview().failed("no matching thing found", "example.com")

    assert owned(plugins) == []
