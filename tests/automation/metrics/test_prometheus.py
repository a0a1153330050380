"""A real Prometheus scrapes replicas, and tells what each slot has served."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from automation.metrics.base import SlotTraffic, SourceUnavailable
from automation.metrics.latency import Band
from automation.metrics.prometheus import PrometheusSource
from automation.polling import SystemClock, wait_until
from automation.probes.client import direct_client
from components.contract.statistics import PrometheusAddress
from tests.doubles.scraping import PROMETHEUS, Prometheus, Replica
from tests.doubles.web import Asked, Reply, Web

BLUE, GREEN = ("backend", "blue"), ("backend", "green")
needs_prometheus = pytest.mark.skipif(
    PROMETHEUS is None, reason="Debian's package `prometheus` is not installed"
)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with direct_client() as made:
        yield made


def source_at(url: str, client: httpx.Client) -> PrometheusSource:
    address = PrometheusAddress(base_url=url, application="todo", environment="staging")
    return PrometheusSource(address.url, client)


class Scene:
    """Two replicas in the green slot, one in the blue one, and what the source has seen there."""

    def __init__(self, folder: Path, client: httpx.Client, stack: ExitStack, *, fine: bool) -> None:
        self.green = [stack.enter_context(Replica(fine=fine)) for _ in range(2)]
        self.blue = stack.enter_context(Replica(fine=fine))
        slots = {"green": self.green, "blue": [self.blue]}
        running = stack.enter_context(Prometheus(folder, slots))
        self.source = source_at(running.url, client)
        self.seen(lambda slot: True)

    def seen(self, accept: Callable[[SlotTraffic], bool]) -> SlotTraffic:
        clock = SystemClock()
        return wait_until(
            lambda: self.source.traffic().get(GREEN, SlotTraffic()),
            accept=accept,
            deadline=clock.time() + 20,
            clock=clock,
            every=0.1,
        )


@pytest.fixture(params=[True, False], ids=["instrumentator", "by-route"])
def scene(request: pytest.FixtureRequest, tmp_path: Path, client: httpx.Client) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(tmp_path, client, stack, fine=request.param)


@needs_prometheus
def test_what_all_replicas_of_a_slot_served_is_told_apart_by_outcome(scene: Scene):
    before = scene.seen(lambda slot: True)
    scene.green[0].serve(7)
    scene.green[1].serve(4, status=500)
    scene.green[1].serve(2, status=404)
    scene.blue.serve(100, status=500)

    seen = scene.seen(lambda slot: slot.since(before).requests >= 13).since(before)

    assert (seen.requests, seen.failed, seen.refused, seen.errors) == (13, 4, 2, 4)


@needs_prometheus
def test_response_times_come_in_bands(scene: Scene):
    before = scene.seen(lambda slot: True)
    scene.green[0].serve(3, seconds=0.7)
    scene.green[1].serve(1, seconds=100)

    seen = scene.seen(lambda slot: slot.since(before).requests >= 4).since(before)

    assert seen.latencies[Band(500, 1000)] == 3
    # above the highest bound nothing more is known
    highest = max(seen.latencies)
    assert highest.lower == highest.upper >= 2500


@needs_prometheus
def test_a_replica_that_starts_anew_loses_nothing(scene: Scene):
    before = scene.seen(lambda slot: True)
    scene.green[0].serve(50)
    scene.seen(lambda slot: slot.since(before).requests >= 50)
    scene.green[0].restart()
    scene.green[0].serve(3)

    seen = scene.seen(lambda slot: slot.since(before).requests >= 53)

    assert seen.since(before).requests == 53


@needs_prometheus
def test_a_slot_without_a_replica_that_is_scraped_is_not_known(
    tmp_path: Path, client: httpx.Client
):
    with Replica() as blue, Prometheus(tmp_path, {"blue": [blue]}) as running:
        source = source_at(running.url, client)
        clock = SystemClock()
        known = wait_until(
            source.traffic,
            accept=bool,
            deadline=clock.time() + 20,
            clock=clock,
        )

    assert set(known) == {BLUE}


def vector(*series: tuple[dict[str, str], str]) -> Reply:
    result = [{"metric": labels, "value": [1, value]} for labels, value in series]
    body = {"status": "success", "data": {"resultType": "vector", "result": result}}
    return Reply(200, body)


def test_answers_without_a_status_cannot_be_judged(client: httpx.Client):
    # as an application counts that labels its answers `code`
    def respond(asked: Asked) -> Reply:
        return vector(({"slot": "green", "pod": "a"}, "3"))

    with Web(respond) as web, pytest.raises(SourceUnavailable, match="no label `status`"):
        source_at(web.url, client).traffic()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(503), "status 503"),
        (Reply(200, "<html>"), "not JSON"),
        (Reply(200, {"status": "success"}), "another shape"),
        (Reply(200, {"status": "error", "data": {"resultType": "vector"}}), "another shape"),
        (None, "Prometheus: "),
    ],
)
def test_an_answer_that_is_none_is_no_numbers(reply: Reply | None, said: str, client: httpx.Client):
    with Web(lambda asked: reply) as web, pytest.raises(SourceUnavailable, match=said):
        source_at(web.url, client).traffic()


def test_an_address_that_names_nobody_is_no_numbers(client: httpx.Client):
    with pytest.raises(SourceUnavailable, match="lacks app, env"):
        PrometheusSource("http://127.0.0.1:9", client).traffic()
