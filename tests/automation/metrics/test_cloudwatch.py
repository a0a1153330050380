"""Moto's CloudWatch, asked with the real client, tells what each target group has served."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from automation.metrics.base import SourceUnavailable
from automation.metrics.cloudwatch import NAMESPACE, CloudWatchSource
from automation.metrics.latency import Band
from components.contract.statistics import CloudWatchAddress
from tests.doubles.cloudwatch import REGION, leads_to, serving
from tests.doubles.web import Reply, Web

GREEN = ("backend", "green")
GROUPS = {"blue": "targetgroup/todo-blue/1", "green": "targetgroup/todo-green/2"}
BALANCER = "app/todo/0123456789abcdef"
ADDRESS = CloudWatchAddress(region=REGION, load_balancer=BALANCER, target_groups=GROUPS)
BEGIN = datetime(2030, 1, 1, 12, 0, 20, tzinfo=UTC)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with serving(monkeypatch) as client:
        yield client


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


def put(cloud: Any, metric: str, values: list[float], *, after: int, slot: str = "green") -> None:
    """Put values that the load balancer would report so many seconds after the beginning."""
    dimensions = [
        {"Name": "LoadBalancer", "Value": BALANCER},
        {"Name": "TargetGroup", "Value": GROUPS[slot]},
    ]
    cloud.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": dimensions,
                "Timestamp": BEGIN + timedelta(seconds=after),
                "Value": value,
            }
            for value in values
        ],
    )


def made(clock: Clock) -> CloudWatchSource:
    return CloudWatchSource(ADDRESS.url, httpx.Client(), now=clock)


def test_minutes_that_are_complete_are_added_up(cloud: Any):
    clock = Clock()
    source = made(clock)
    before = source.traffic()[GREEN]
    put(cloud, "RequestCount", [40.0, 60.0], after=10)
    put(cloud, "HTTPCode_Target_5XX_Count", [3.0], after=10)
    put(cloud, "HTTPCode_Target_4XX_Count", [2.0], after=10)
    put(cloud, "TargetConnectionErrorCount", [1.0], after=10)
    put(cloud, "RequestCount", [5.0], after=70)
    put(cloud, "RequestCount", [900.0], after=10, slot="blue")

    clock.now = BEGIN + timedelta(seconds=160)
    first = source.traffic()[GREEN].since(before)
    clock.now = BEGIN + timedelta(seconds=220)
    second = source.traffic()[GREEN].since(before)

    assert (first.requests, first.failed, first.refused, first.errors) == (100, 3, 2, 4)
    assert second.requests == 105


def test_what_was_served_before_is_not_counted(cloud: Any):
    put(cloud, "RequestCount", [500.0], after=-60)
    clock = Clock()
    source = made(clock)
    clock.now = BEGIN + timedelta(seconds=source.lag_seconds)

    assert source.traffic()[GREEN].requests == 0


def test_a_request_is_counted_once_the_lag_has_passed(cloud: Any):
    clock = Clock()
    source = made(clock)
    put(cloud, "RequestCount", [1.0], after=39)
    clock.now = BEGIN + timedelta(seconds=39 + source.lag_seconds)

    assert source.traffic()[GREEN].requests == 1


def test_how_late_numbers_are_is_what_the_address_says(cloud: Any):
    clock = Clock()
    patient = replace(ADDRESS, delay_seconds=300)
    source = CloudWatchSource(patient.url, httpx.Client(), now=clock)
    put(cloud, "RequestCount", [1.0], after=39)
    clock.now = BEGIN + timedelta(seconds=300)
    early = source.traffic()[GREEN].requests
    clock.now = BEGIN + timedelta(seconds=39 + source.lag_seconds)

    assert source.lag_seconds == 360
    assert (early, source.traffic()[GREEN].requests) == (0, 1)


def test_response_times_come_in_bands(cloud: Any):
    clock = Clock()
    source = made(clock)
    # the upper bound of a band belongs to it
    put(cloud, "TargetResponseTime", [0.001, 0.012, 0.015, 0.4, 45.0], after=10)
    clock.now = BEGIN + timedelta(seconds=200)

    seen = source.traffic()[GREEN]

    assert seen.latencies == {
        Band(0, 5): 1,
        Band(10, 15): 2,
        Band(300, 400): 1,
        Band(30_000, 30_000): 1,
    }
    assert seen.timed == 5


def test_between_two_minutes_nobody_is_asked(monkeypatch: pytest.MonkeyPatch):
    with Web(lambda asked: Reply(400)) as web:
        leads_to(monkeypatch, web.url)
        source = made(Clock())

        assert source.traffic()[GREEN].requests == 0
        assert not web.asked


@pytest.mark.parametrize("reply", [Reply(403, "no"), Reply(500), None], ids=["403", "500", "gone"])
def test_an_answer_that_is_none_is_no_numbers(reply: Reply | None, monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    with Web(lambda asked: reply) as web:
        leads_to(monkeypatch, web.url)
        source = made(clock)
        clock.now += timedelta(minutes=5)

        with pytest.raises(SourceUnavailable, match="CloudWatch: "):
            source.traffic()


def test_without_credentials_there_are_no_numbers(monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    clock = Clock()
    source = made(clock)
    clock.now += timedelta(minutes=5)

    with pytest.raises(SourceUnavailable, match="CloudWatch: Unable to locate credentials"):
        source.traffic()


def test_an_address_without_a_slot_is_no_numbers():
    with pytest.raises(SourceUnavailable, match="lacks green"):
        CloudWatchSource("cloudwatch:?region=r&load_balancer=l&blue=b", httpx.Client()).traffic()
