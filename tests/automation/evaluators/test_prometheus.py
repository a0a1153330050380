"""A real Prometheus has loaded the rules, and says so."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from automation.evaluators.base import NotEvaluated
from automation.evaluators.prometheus import PrometheusEvaluator
from automation.polling import SystemClock, wait_until
from automation.probes.client import direct_client
from automation.reports.alert_rules import alert_rules
from automation.specification.models import Thresholds
from components.contract.alerting import promql
from components.contract.statistics import PrometheusAddress
from tests.doubles.scraping import PROMETHEUS, Prometheus
from tests.doubles.web import Reply, Web

RULES = promql.names(promql.groups(Thresholds(), promql.Where("", "")))


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with direct_client() as made:
        yield made


def evaluator(url: str, client: httpx.Client) -> PrometheusEvaluator:
    address = PrometheusAddress(base_url=url, application="todo", environment="staging")
    return PrometheusEvaluator(address.url, client)


@pytest.mark.skipif(PROMETHEUS is None, reason="Debian's package `prometheus` is not installed")
def test_rules_that_are_evaluated_are_told_apart_from_those_that_are_not_there(
    tmp_path: Path, client: httpx.Client
):
    file = tmp_path / "rules.yml"
    file.write_text(alert_rules(Thresholds(), "todo", "staging"))
    clock = SystemClock()

    with Prometheus(tmp_path, {}, file) as running:
        asked = evaluator(running.url, client)
        found = wait_until(
            lambda: asked.loaded("todo-staging", {*RULES, "NotThere"}),
            accept=lambda known: set(known) == set(RULES),
            deadline=clock.time() + 20,
            clock=clock,
        )
        of_another = asked.loaded("shop-staging", RULES)

    assert found == dict.fromkeys(RULES, "inactive")
    assert of_another == {}


def test_a_rule_that_cannot_be_evaluated_is_none(client: httpx.Client):
    rules = [
        {"name": "HighErrorRate", "state": "inactive", "health": "err"},
        {"name": "HighLatencyP95", "state": "firing", "health": "ok"},
    ]
    body = {"status": "success", "data": {"groups": [{"name": "a-b-edge", "rules": rules}]}}

    with Web(lambda asked: Reply(200, body)) as web:
        found = evaluator(web.url, client).loaded("a-b", {"HighErrorRate", "HighLatencyP95"})

    assert found == {"HighLatencyP95": "firing"}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(502), "status 502"),
        (Reply(200, "<html>"), "not JSON"),
        (Reply(200, {"data": {}}), "another shape"),
        (None, "Prometheus: "),
    ],
)
def test_an_answer_that_is_none_says_nothing(reply: Reply | None, said: str, client: httpx.Client):
    with Web(lambda asked: reply) as web, pytest.raises(NotEvaluated, match=said):
        evaluator(web.url, client).loaded("a-b", RULES)
