"""The real Envoy counts, slot by slot, what each served."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from automation.metrics.base import SlotTraffic, SourceUnavailable, Traffic
from automation.metrics.envoy import EnvoySource
from automation.polling import SystemClock, wait_until
from automation.probes.client import direct_client, public_client
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER
from tests.doubles.certificates import Authority
from tests.doubles.edge import Edge
from tests.doubles.web import Asked, Reply, Web

GREEN = {SLOT_HEADER: "green"}


def respond(asked: Asked) -> Reply:
    return Reply(503 if asked.path == "/broken" else 200)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    authority = Authority(tmp_path, "todo.localhost")
    with Web(respond) as blue, Web(respond) as green:
        slots = {"backend_blue": blue.url, "backend_green": green.url}
        with Edge(tmp_path, slots, authority) as running:
            yield running


@pytest.fixture
def public(edge: Edge, tmp_path: Path) -> Iterator[httpx.Client]:
    with public_client(f"https://todo.localhost:{edge.port}", tmp_path / "ca.pem") as client:
        yield client


@pytest.fixture
def source(edge: Edge) -> Iterator[EnvoySource]:
    with direct_client() as client:
        yield EnvoySource(edge.admin, client)


def test_slots_that_served_nothing_have_no_rate_and_no_percentiles(source: EnvoySource) -> None:
    assert source.traffic() == {
        ("backend", "blue"): SlotTraffic(),
        ("backend", "green"): SlotTraffic(),
    }
    assert SlotTraffic().error_rate_percent is None


def test_each_slot_counts_what_it_served(source: EnvoySource, public: httpx.Client) -> None:
    for _ in range(5):
        assert public.get("/").headers[RELEASE_HEADER] == "release-blue"
    for path in ("/", "/broken", "/", "/broken"):
        assert public.get(path, headers=GREEN).headers[RELEASE_HEADER] == "release-green"

    traffic = source.traffic()

    blue, green = traffic["backend", "blue"], traffic["backend", "green"]
    assert (blue.requests, blue.errors, blue.error_rate_percent) == (5, 0, 0)
    assert (green.requests, green.errors, green.error_rate_percent) == (4, 2, 50)


def test_response_times_come_by_slot(source: EnvoySource, public: httpx.Client) -> None:
    for _ in range(5):
        public.get("/")

    def seen(traffic: Traffic) -> bool:
        return bool(traffic["backend", "blue"].percentiles)

    clock = SystemClock()
    traffic = wait_until(
        source.traffic, accept=seen, deadline=clock.time() + 10, clock=clock, every=0.05
    )

    percentiles = traffic["backend", "blue"].percentiles
    assert {50.0, 95.0, 99.0} <= percentiles.keys()
    assert 0 <= percentiles[50.0] <= percentiles[95.0] <= percentiles[99.0]
    assert traffic["backend", "green"].percentiles == {}


def test_response_times_outlast_the_interval_in_which_they_were_measured() -> None:
    name = "cluster.frontend_blue.upstream_rq_time"
    values = [{"interval": None, "cumulative": 3.5}, {"interval": None, "cumulative": 8}]
    computed = [{"name": name, "values": values}]
    histograms = {"supported_quantiles": [50, 95], "computed_quantiles": computed}
    counter = {"name": "cluster.frontend_blue.upstream_rq_total", "value": 9}
    reply = Reply(body={"stats": [counter, {"histograms": histograms}]})

    with Web(lambda asked: reply) as web, direct_client() as client:
        traffic = EnvoySource(web.url, client).traffic()

    expected = SlotTraffic(requests=9, percentiles={50.0: 3.5, 95.0: 8.0})
    assert traffic == {("frontend", "blue"): expected}


def test_traffic_since_a_moment_is_the_difference(
    source: EnvoySource, public: httpx.Client
) -> None:
    public.get("/broken")
    before = source.traffic()["backend", "blue"]
    for _ in range(3):
        public.get("/")

    since = source.traffic()["backend", "blue"].since(before)

    assert (since.requests, since.errors) == (3, 0)


def test_a_restarted_envoy_counts_from_zero() -> None:
    now, before = SlotTraffic(requests=4, errors=1), SlotTraffic(requests=100)

    assert now.since(before) == now


def test_an_envoy_that_is_gone_is_unavailable(edge: Edge, source: EnvoySource) -> None:
    edge.close()

    with pytest.raises(SourceUnavailable, match="connection refused"):
        source.traffic()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(404), "status 404"),
        (Reply(body="not json"), "not JSON"),
        (Reply(body={"other": []}), "another shape"),
    ],
)
def test_something_else_than_envoy_is_unavailable(reply: Reply, said: str) -> None:
    with (
        Web(lambda asked: reply) as web,
        direct_client() as client,
        pytest.raises(SourceUnavailable, match=said),
    ):
        EnvoySource(web.url, client).traffic()
