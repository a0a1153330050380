"""Moto's CloudWatch in this process, with the statistics that it does not know."""

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import moto.cloudwatch.models
import pytest
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"


class Statistics(moto.cloudwatch.models.Statistics):
    """Moto's, and trimmed counts between absolute bounds: above the lower, up to the upper."""

    def get_statistics_for_type(self, stat: str) -> Any:
        if not stat.startswith("TC("):
            return super().get_statistics_for_type(stat)
        lower, upper = (float(each) if each else None for each in stat[3:-1].split(":"))
        return float(
            sum(
                (lower is None or each.value > lower) and (upper is None or each.value <= upper)
                for each in self.metric_data
            )
        )


@contextlib.contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Serve an empty account, which AWS's own variables lead to; yield a client of it."""
    monkeypatch.setattr(moto.cloudwatch.models, "Statistics", Statistics)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        leads_to(monkeypatch, url)
        httpx.post(f"{url}/moto-api/reset")
        yield boto3.session.Session(region_name=REGION).client("cloudwatch")
    finally:
        server.stop()


def leads_to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Have AWS's own variables lead there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
