"""The real Envoy counts, slot by slot, what each served."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from automation.metrics.base import SlotTraffic, SourceUnavailable
from automation.metrics.envoy import EnvoySource
from automation.metrics.latency import Band
from automation.polling import SystemClock, wait_until
from automation.probes.client import direct_client, public_client
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER
from tests.doubles.certificates import Authority
from tests.doubles.edge import Edge
from tests.doubles.web import Asked, Reply, Web

GREEN = {SLOT_HEADER: "green"}


SLOW_SECONDS = 0.2
COUNTER = "cluster.backend_blue.upstream_rq_5xx"


def respond(asked: Asked) -> Reply | None:
    if asked.path == "/close":
        return None
    if asked.path == "/half":
        return Reply(headers={"content-length": "1000"}, pieces=lambda: [b"half"])
    if asked.path == "/slow":
        time.sleep(SLOW_SECONDS)
    return Reply(503 if asked.path == "/broken" else 200)


def counted(source: EnvoySource, accept: Callable[[SlotTraffic], bool]) -> SlotTraffic:
    """Wait until the statistics show what is looked for: they may lag."""
    clock = SystemClock()
    return wait_until(
        lambda: source.traffic()["backend", "blue"],
        accept=accept,
        deadline=clock.time() + 10,
        clock=clock,
        every=0.05,
    )


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
    assert SlotTraffic().percentile(95) is None


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
    for path in ("/", "/", "/slow", "/broken"):
        public.get(path)

    blue = counted(source, lambda slot: slot.timed == 4)

    slow = SLOW_SECONDS * 1000
    assert sum(blue.latencies.values()) == 4
    assert max(band.lower for band in blue.latencies) >= slow
    middle, late = blue.percentile(50), blue.percentile(95)
    assert middle is not None
    assert late is not None
    assert middle <= late >= slow
    assert source.traffic()["backend", "green"].latencies == {}


def test_response_times_have_two_digits_whatever_buckets_are_configured() -> None:
    totals = [
        {"lower_bound": 0, "width": 0, "count": 4},
        {"lower_bound": 120, "width": 10, "count": 5},
    ]
    details = [{"name": "cluster.frontend_blue.upstream_rq_time", "totals": totals}]
    counter = {"name": "cluster.frontend_blue.upstream_rq_completed", "value": 9}
    reply = Reply(body={"stats": [counter, {"histograms": {"details": details}}]})

    with Web(lambda asked: reply) as web, direct_client() as client:
        traffic = EnvoySource(web.url, client).traffic()

    expected = SlotTraffic(requests=9, latencies={Band(0, 1): 4, Band(120, 130): 5})
    assert traffic == {("frontend", "blue"): expected}


@pytest.mark.parametrize(
    ("path", "requests", "errors"), [("/broken", 3, 3), ("/close", 3, 3), ("/half", 3, 3)]
)
def test_each_failure_is_counted_once(
    source: EnvoySource, public: httpx.Client, path: str, requests: int, errors: int
) -> None:
    for _ in range(3):
        with suppress(httpx.RemoteProtocolError):
            public.get(path)

    blue = counted(source, lambda slot: slot.errors >= errors)

    assert (blue.requests, blue.errors) == (requests, errors)


@pytest.mark.parametrize("kind", ["refused", "closed"])
def test_a_failure_that_was_tried_again_is_not_forgotten(tmp_path: Path, kind: str) -> None:
    answers = iter([None, Reply()])
    with Web(lambda asked: next(answers)) as web, Web(respond) as gone:
        url = web.url if kind == "closed" else gone.url
        if kind == "refused":
            gone.close()
        slots = {"backend_blue": url}
        authority = Authority(tmp_path, "todo.localhost")
        with (
            Edge(tmp_path, slots, authority, retry_on="connect-failure,reset") as edge,
            public_client(f"https://todo.localhost:{edge.port}", tmp_path / "ca.pem") as public,
            direct_client() as direct,
        ):
            status = public.get("/").status_code
            blue = EnvoySource(edge.admin, direct).traffic()["backend", "blue"]

    # Two attempts: a replica that hangs up once, or that nobody listens for.
    assert (status, blue.requests) == ((200, 2) if kind == "closed" else (503, 2))
    assert (blue.errors, blue.retried) == ((1, 1) if kind == "closed" else (2, 1))


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
    now, before = SlotTraffic(requests=4, failed=1), SlotTraffic(requests=100)

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
        (Reply(body={"stats": [{"name": COUNTER, "value": "many"}]}), "another shape"),
        (Reply(body={"stats": [{"histograms": {"details": [{}]}}]}), "another shape"),
    ],
)
def test_something_else_than_envoy_is_unavailable(reply: Reply, said: str) -> None:
    with (
        Web(lambda asked: reply) as web,
        direct_client() as client,
        pytest.raises(SourceUnavailable, match=said),
    ):
        EnvoySource(web.url, client).traffic()
