"""The last step where monitoring is elsewhere: what was seen there, and what was not."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from automation import alerts, telemetry
from automation.context import Context
from automation.home import Home
from components.contract import outputs
from components.contract.statistics import CloudWatchAddress, PrometheusAddress
from tests.components.examples import live
from tests.doubles.deployed import REPLICA, FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.web import Asked, Reply, Web

ELSEWHERE = {
    "backend_platform": "kubernetes",
    "load_balancer_platform": "gateway",
    "monitoring_platform": "prometheus",
}
RULES = ["HighErrorRate", "HighCpuContainer"]
DECLARED: dict[str, Any] = {
    "platform": "prometheus",
    "prefix": "todo-staging",
    "rules": RULES,
    "alert_rules": 2,
    "dashboards": ["Grafana: todo in staging"],
    "channels": ["email"],
    "blind": [],
}


class Monitored:
    """A backend elsewhere, and a Prometheus that counts `share` of what it was asked."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.loaded = list(RULES)
        self.share = 1.0
        self.status = 200
        self.engine = stack.enter_context(FakeEngine(live()))
        self.web = stack.enter_context(Web(self._answer))
        root = Home(home)
        root.root.mkdir()
        self.context: Context = Installation(root, home, self.engine, ELSEWHERE).open()
        address = PrometheusAddress(
            base_url=self.web.url, application="todo", environment="staging"
        )
        self.context.outputs[outputs.EDGE_STATISTICS_URL] = address.url
        self.declare()

    def declare(self, **changes: Any) -> None:
        address = self.context.outputs[outputs.EDGE_STATISTICS_URL]
        self.context.outputs[outputs.MONITORING] = {**DECLARED, "address": address, **changes}

    def _answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/api/v1/rules"):
            rules = [{"name": name, "state": "inactive", "health": "ok"} for name in self.loaded]
            groups = [{"name": "todo-staging-application", "rules": rules}]
            return Reply(self.status, {"status": "success", "data": {"groups": groups}})
        served = sum(not each.path.startswith(REPLICA) for each in self.engine.web.asked)
        query = asked.body.decode()
        labels: dict[str, str] = {"slot": "blue"}
        value = "1"
        if "http_requests_total" in query:
            labels, value = {**labels, "status": "2xx"}, str(int(self.share * served))
        elif "duration" in query:
            return vector()
        return Reply(self.status, vector((labels, value)).body)


def vector(*series: tuple[dict[str, str], str]) -> Reply:
    result = [{"metric": labels, "value": [1, value]} for labels, value in series]
    return Reply(200, {"status": "success", "data": {"resultType": "vector", "result": result}})


@pytest.fixture
def monitored(tmp_path: Path) -> Iterator[Monitored]:
    with ExitStack() as stack:
        yield Monitored(tmp_path / "home", stack)


def test_rules_that_were_seen_are_what_the_report_counts(monitored: Monitored):
    fact, told = alerts.seen(monitored.context, enabled=True)

    assert (fact.enabled, fact.alerting, fact.rules) == (True, True, tuple(RULES))
    assert fact.dashboards == ("Grafana: todo in staging",)
    assert told == "2 of 2 alert rules at prometheus"


def test_no_channel_is_proven_and_that_is_said(monitored: Monitored):
    alerts.seen(monitored.context, enabled=True)

    (note,) = monitored.context.facts.short_term
    assert note == "Send a test alert to email: that one arrives is not proven."


def test_a_rule_that_does_not_get_loaded_is_no_alerting(monitored: Monitored):
    monitored.loaded.remove("HighCpuContainer")
    began = monitored.context.clock.time()

    fact, told = alerts.seen(monitored.context, enabled=True)

    assert (fact.alerting, fact.rules) == (False, ("HighErrorRate",))
    assert told == "1 of 2 alert rules at prometheus"
    # an operator takes a while
    assert monitored.context.clock.time() - began >= alerts.LOADED_SECONDS
    assert (
        "Alerts: prometheus does not have HighCpuContainer." in monitored.context.facts.short_term
    )


def test_an_evaluator_that_does_not_answer_is_no_alerting(monitored: Monitored):
    monitored.status = 503

    fact, _ = alerts.seen(monitored.context, enabled=True)

    assert (fact.alerting, fact.rules) == (False, ())
    assert "Alerts: Prometheus: status 503." in monitored.context.facts.short_term


def test_rules_that_tell_nobody_are_no_alerting(monitored: Monitored):
    monitored.declare(channels=[])

    fact, _ = alerts.seen(monitored.context, enabled=True)

    assert (fact.alerting, fact.rules) == (False, tuple(RULES))
    assert monitored.context.facts.short_term == [
        "Alerts: no channel is configured: nobody would be told."
    ]


def test_a_rule_without_numbers_is_named(monitored: Monitored):
    monitored.declare(blind=["DbPoolSaturated"])

    alerts.seen(monitored.context, enabled=True)

    assert any("DbPoolSaturated has no numbers" in n for n in monitored.context.facts.short_term)


def test_metrics_arrive_if_what_was_sent_is_counted(monitored: Monitored):
    seen = telemetry.seen(monitored.context)

    assert (seen.status, seen.details) == ("passed", "the 20 requests that were sent are counted")


def test_metrics_that_count_half_do_not_arrive(monitored: Monitored):
    monitored.share = 0.5

    seen = telemetry.seen(monitored.context)

    assert (seen.status, seen.details) == ("failed", "of 20 requests that were sent 10 count")


def test_a_source_that_cannot_be_read_shows_nothing(monitored: Monitored):
    monitored.status = 500

    seen = telemetry.seen(monitored.context)

    assert (seen.status, seen.details) == ("failed", "Prometheus: status 500")


def test_what_a_gate_has_proven_is_not_asked_again(monitored: Monitored):
    monitored.context.proven.add("backend")

    seen = telemetry.seen(monitored.context)

    assert (seen.status, monitored.web.asked) == ("passed", [])


def test_numbers_that_come_minutes_later_are_not_waited_for(monitored: Monitored):
    context = monitored.context
    context.settings = context.settings.model_copy(update={"load_balancer_platform": "aws_alb"})
    groups = {"blue": "targetgroup/b/1", "green": "targetgroup/g/2"}
    address = CloudWatchAddress(
        region="eu-central-1",
        load_balancer="app/todo/1",
        target_groups=groups,  # type: ignore[arg-type]
    )
    context.outputs[outputs.EDGE_STATISTICS_URL] = address.url

    seen = telemetry.seen(context)

    assert seen.status == "skipped"
    assert seen.details == "what was served is in the numbers 3 minutes later"
