"""Faults at the plugins, on the real engine: what it then knows, and how the next run gets home."""

import pytest

from tests.doubles.plugins.cloud import ERRORS
from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
TOPIC = "aws:sns/topic:Topic"
PROGRAM = """
    import pulumi_aws as aws

    aws.sns.Topic("alerts", name="alerts", display_name="{}")
"""


def test_a_refused_change_is_made_by_the_next_run(engine: Engine, plugins: Plugins) -> None:
    plugins.fail("Create", TOPIC, error="quota")
    engine.program(PROGRAM.format("one")).up().failed(ERRORS["quota"])
    assert plugins.objects() == []

    engine.up().ok()
    plugins.fail("Update", TOPIC, error="throttle")
    engine.program(PROGRAM.format("two")).up().failed(ERRORS["throttle"])
    assert plugins.object(TOPIC).outputs["displayName"] == "one"

    engine.up().ok()
    assert plugins.object(TOPIC).outputs["displayName"] == "two"
    assert [each.outcome for each in plugins.calls("Update", TOPIC)] == [ERRORS["throttle"], "ok"]


def test_what_is_half_made_is_known_and_not_made_twice(engine: Engine, plugins: Plugins) -> None:
    plugins.fail("Create", TOPIC, error="timeout", when="after")
    engine.program(PROGRAM.format("one")).up().failed(ERRORS["timeout"])
    assert plugins.object(TOPIC).id in engine.state()

    engine.up().ok()
    engine.unchanged()
    assert [each.outcome for each in plugins.calls("Create", TOPIC)] == [ERRORS["timeout"]]
    plugins.object(TOPIC)


def test_what_is_made_with_no_answer_is_in_the_way_until_it_is_imported(
    engine: Engine, plugins: Plugins
) -> None:
    plugins.fail("Create", TOPIC, error="unavailable", when="lost")
    engine.program(PROGRAM.format("one")).up().failed(ERRORS["unavailable"])
    assert "alerts" not in engine.resources()

    engine.up().failed("AlreadyExists")
    found = plugins.object(TOPIC).id
    adopt = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
    engine.pulumi("import", TOPIC, "alerts", found, *adopt).ok()
    engine.up().ok()
    engine.unchanged()
    plugins.object(TOPIC)


def test_a_plugin_that_dies_after_a_change_leaves_it_behind(
    engine: Engine, plugins: Plugins
) -> None:
    plugins.fail("Create", TOPIC, when="die_after")
    engine.program(PROGRAM.format("one")).up().failed()

    assert [each.outcome for each in plugins.calls("Create", TOPIC)] == ["died"]
    plugins.object(TOPIC)
