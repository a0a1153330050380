"""Monitoring on the real engine: made, changed with a threshold, and left empty."""

from pathlib import Path

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
PROGRAM = Path(__file__).parent / "programs" / "monitoring.py"
ROOT = Path(__file__).parents[2]
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BOARD = "kubernetes:core/v1:ConfigMap prometheus-dashboard"
RULES = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"


def test_monitoring_is_made_follows_a_threshold_and_leaves_nothing(
    engine: Engine, plugins: Plugins
) -> None:
    engine.environment["PYTHONPATH"] = str(ROOT)
    engine.program(PROGRAM.read_text())

    engine.up().ok()

    outputs = engine.outputs()
    assert outputs["prometheus"]["alert_rules"] == outputs["cloudwatch"]["alert_rules"] == 5
    assert outputs["cloudwatch"]["channels"] == outputs["prometheus"]["channels"]
    assert len(plugins.objects(ALARM)) == 5
    topics = plugins.objects("aws:sns/topic:Topic")
    assert len(topics) == 2
    assert all(topic.inputs["kmsMasterKeyId"].startswith("arn:aws:kms:") for topic in topics)
    logged = (plugins.state / "calls.jsonl").read_text()
    assert "sentinel" not in engine.state() + logged
    engine.unchanged()

    # A threshold changes what compares with it, and nothing else.
    plugins.forget()
    engine.configure(p95="250")
    engine.up().ok()
    changes = plugins.changes()
    assert sorted(changes) == [
        f"Create {BOARD}",
        f"Delete {BOARD}",
        "Update aws:cloudwatch/dashboard:Dashboard cloudwatch-dashboard",
        f"Update {ALARM} cloudwatch-HighLatencyP95",
        f"Update {RULES} prometheus-rules",
    ]
    # of a map that cannot be changed there is another before it goes
    assert changes.index(f"Create {BOARD}") < changes.index(f"Delete {BOARD}")
    assert plugins.object(ALARM, "cloudwatch-HighLatencyP95").inputs["threshold"] == 0.25
    engine.unchanged()

    engine.destroy().ok()
    assert plugins.objects() == []


def test_a_preview_knows_everything_before_anything_is_there(
    engine: Engine, plugins: Plugins
) -> None:
    engine.environment["PYTHONPATH"] = str(ROOT)
    engine.program(PROGRAM.read_text())

    preview = engine.preview().ok()

    assert plugins.objects() == []
    assert "sentinel" not in preview.output
