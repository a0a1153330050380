"""Moto's CloudWatch, asked with the real client, says which alarms it has."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from automation.evaluators.base import NotEvaluated
from automation.evaluators.cloudwatch import CloudWatchEvaluator
from components.contract.statistics import CloudWatchAddress
from tests.doubles.cloudwatch import REGION, leads_to, serving
from tests.doubles.web import Reply, Web

ADDRESS = CloudWatchAddress(
    region=REGION,
    load_balancer="app/todo/1",
    target_groups={"blue": "targetgroup/b/1", "green": "targetgroup/g/2"},
)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with serving(monkeypatch) as client:
        yield client


def alarm(cloud: Any, name: str, *, acts: bool = True) -> None:
    cloud.put_metric_alarm(
        AlarmName=name,
        ActionsEnabled=acts,
        MetricName="Requests",
        Namespace="Test",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def test_alarms_that_may_act_are_the_rules_that_are_evaluated(cloud: Any):
    alarm(cloud, "todo-production-HighCpu")
    alarm(cloud, "todo-production-HighMemory", acts=False)
    alarm(cloud, "todo-staging-HighErrorRate")
    rules = {"HighCpu", "HighMemory", "HighErrorRate"}

    found = CloudWatchEvaluator(ADDRESS.url, httpx.Client()).loaded("todo-production", rules)

    assert list(found) == ["HighCpu"]


@pytest.mark.parametrize("reply", [Reply(403, "no"), None], ids=["403", "gone"])
def test_an_answer_that_is_none_says_nothing(reply: Reply | None, monkeypatch: pytest.MonkeyPatch):
    with Web(lambda asked: reply) as web:
        leads_to(monkeypatch, web.url)

        with pytest.raises(NotEvaluated, match="CloudWatch: "):
            CloudWatchEvaluator(ADDRESS.url, httpx.Client()).loaded("a-b", {"HighCpu"})


def test_an_address_that_lacks_something_says_nothing():
    with pytest.raises(NotEvaluated, match="lacks region"):
        CloudWatchEvaluator("cloudwatch:", httpx.Client()).loaded("a-b", {"HighCpu"})
