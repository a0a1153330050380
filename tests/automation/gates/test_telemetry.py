"""Metrics have to move with the traffic, not by themselves."""

from collections.abc import Callable

import pytest

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.telemetry import TelemetryGate
from automation.probes.client import direct_client
from tests.doubles.web import Asked, Reply, Web

REQUESTS = 8


def exposition(counted: int, scrapes: int) -> str:
    return (
        "# TYPE http_requests_total counter\n"
        f'http_requests_total{{route="/",status="200"}} {counted}\n'
        f'http_requests_total{{route="/metrics",status="200"}} {scrapes}\n'
        "# TYPE process_cpu_seconds_total counter\n"
        f"process_cpu_seconds_total {scrapes * 1000}\n"
    )


def evaluate(metrics: Callable[[list[Asked]], Reply], traffic: int = REQUESTS) -> GateResult:
    def respond(asked: Asked) -> Reply:
        return metrics(web.asked) if asked.path == "/metrics" else Reply()

    with Web(respond) as web, direct_client() as client:

        def send() -> int:
            return sum(client.get(f"{web.url}/").status_code == 200 for _ in range(traffic))

        context = Context(replicas=(web.url,), direct=client, traffic=send)
        return TelemetryGate(path="/metrics").evaluate(context)


def honest(asked: list[Asked]) -> Reply:
    scrapes = sum(one.path == "/metrics" for one in asked)
    return Reply(body=exposition(len(asked) - scrapes, scrapes))


def test_a_counter_that_counted_the_traffic_passes() -> None:
    result = evaluate(honest)

    assert result.verdict is Verdict.PASS
    assert result.reason == "http_requests counted the 8 requests"
    assert result.evidence["grown"] == {"http_requests": REQUESTS + 1.0}


def test_counters_that_grow_by_themselves_do_not_pass() -> None:
    result = evaluate(lambda asked: Reply(body=exposition(0, len(asked) // 5)))

    assert result.verdict is Verdict.FAIL
    assert result.reason == "no counter grew by the 8 requests that were sent"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(404, {"detail": "Not Found"}), "status 404"),
        (Reply(body="<!DOCTYPE html>\n<html></html>"), "not in Prometheus' text format"),
        (Reply(body={"requests": 5}), "not in Prometheus' text format"),
        (Reply(body="# nothing yet\n"), "there is no sample"),
    ],
)
def test_metrics_that_cannot_be_read_fail(reply: Reply, said: str) -> None:
    result = evaluate(lambda asked: reply)

    assert result.verdict is Verdict.FAIL
    assert said in result.reason


def test_without_answered_traffic_nothing_is_said() -> None:
    assert evaluate(honest, traffic=0).verdict is Verdict.INCONCLUSIVE
