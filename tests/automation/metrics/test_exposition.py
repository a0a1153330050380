"""The application's own metrics are read in the format that libraries really write."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from automation.metrics.exposition import NotReadable, grown, parse, scrape
from automation.probes.client import direct_client
from tests.doubles.web import Reply, Web


class Application:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("http_requests", "Requests", ["route"], registry=self.registry)
        self.seconds = Histogram("http_seconds", "Duration", registry=self.registry)
        self.pool = Gauge("pool", "Connections", registry=self.registry)

    def serve(self, route: str) -> None:
        self.requests.labels(route).inc()
        self.seconds.observe(0.1)
        self.pool.inc()

    def exposed(self) -> str:
        return generate_latest(self.registry).decode()


def test_counters_and_counts_of_histograms_grow_and_gauges_do_not() -> None:
    application = Application()
    application.serve("/a")
    before = parse(application.exposed(), "app")
    for route in ("/a", "/b", "/b"):
        application.serve(route)

    assert grown(before, parse(application.exposed(), "app")) == {
        "http_requests": 3.0,
        "http_seconds": 3.0,
    }


def test_a_counter_that_appears_with_the_first_request_has_grown() -> None:
    application = Application()
    before = parse(application.exposed(), "app")
    application.serve("/")

    assert grown(before, parse(application.exposed(), "app"))["http_requests"] == 1


def test_openmetrics_is_understood_too() -> None:
    application = Application()
    application.serve("/")
    text = generate_openmetrics(application.registry).decode()

    assert 1.0 in parse(text, "app").counters.values()


def test_replicas_are_added_up() -> None:
    applications = [Application(), Application()]
    for application in applications:
        application.serve("/")
    with (
        Web(lambda _: Reply(body=applications[0].exposed())) as one,
        Web(lambda _: Reply(body=applications[1].exposed())) as two,
        direct_client() as client,
    ):
        found = scrape(client, [one.url, two.url])

    assert found.counters["http_requests"] == 2


def test_an_endpoint_that_does_not_answer_is_named() -> None:
    with Web(lambda _: Reply()) as web:
        url = f"{web.url}/metrics"
    with direct_client() as client, pytest.raises(NotReadable, match=f"^{url}: connection refused"):
        scrape(client, [url])


def test_a_counter_that_began_anew_has_not_grown() -> None:
    application = Application()
    for _ in range(3):
        application.serve("/")
    before = parse(application.exposed(), "app")

    assert grown(before, parse(Application().exposed(), "app")) == {}
