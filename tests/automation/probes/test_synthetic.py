"""Synthetic requests are safe, marked, few and never many at once."""

import threading

import httpx

from automation.polling import SystemClock
from automation.probes.client import public_client
from automation.probes.synthetic import Synthetic
from components.contract.outputs import PROBE_HEADER, SLOT_HEADER
from tests.doubles.clock import FakeClock
from tests.doubles.web import Asked, Reply, Web

PATHS = {"backend": ("/api/a", "/api/b")}


def sender(client: httpx.Client, clock: FakeClock, **options: float) -> Synthetic:
    return Synthetic(client, PATHS, clock=clock, concurrency=1, **options)  # type: ignore


def test_each_slot_gets_its_requests_in_turn_safe_and_marked() -> None:
    with Web(lambda asked: Reply()) as web, public_client(web.url) as client:
        sent = sender(client, FakeClock()).send("backend", {"green": 3, "blue": 1})

    asked = [(each.method, each.path, each.headers[SLOT_HEADER]) for each in web.asked]
    assert asked == [
        ("GET", "/api/a", "green"),
        ("GET", "/api/b", "blue"),
        ("GET", "/api/a", "green"),
        ("GET", "/api/b", "green"),
    ]
    assert {each.headers[PROBE_HEADER] for each in web.asked} == {"1"}
    assert (sent.total, sent.requests("green"), sent.unanswered("green")) == (4, 3, 0)


def test_what_came_back_is_counted_by_slot() -> None:
    def respond(asked: Asked) -> Reply | None:
        return None if asked.headers[SLOT_HEADER] == "green" else Reply(503)

    with Web(respond) as web, public_client(web.url) as client:
        sent = sender(client, FakeClock()).send("backend", {"green": 2, "blue": 2})

    assert sent.answers["blue"] == {"503": 2}
    assert (sent.requests("green"), sent.unanswered("green")) == (2, 2)
    assert (sent.unanswered("blue"), sent.total) == (0, 4)


def test_the_rate_is_bounded() -> None:
    clock = FakeClock()
    with Web(lambda asked: Reply()) as web, public_client(web.url) as client:
        sender(client, clock, rate=4).send("backend", {"green": 9})

    assert sum(clock.slept) == 2


def test_not_more_than_a_few_are_under_way_at_once() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def respond(asked: Asked) -> Reply:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.01)
        with lock:
            under_way -= 1
        return Reply()

    with Web(respond) as web, public_client(web.url) as client:
        synthetic = Synthetic(client, PATHS, clock=SystemClock(), rate=1000)
        sent = synthetic.send("backend", {"green": 20})

    assert (sent.total, most <= 2) == (20, True)


def test_it_ends_in_time_and_when_it_is_interrupted() -> None:
    clock = FakeClock()
    with Web(lambda asked: Reply()) as web, public_client(web.url) as client:
        late = sender(client, clock, rate=1, limit=5).send("backend", {"green": 100})
        stopped = sender(client, clock).send("backend", {"green": 100}, lambda: True)

    assert late.total == 6
    assert stopped.total == 0


def test_without_a_path_nothing_is_sent() -> None:
    with httpx.Client() as client:
        assert sender(client, FakeClock()).send("frontend", {"green": 5}).total == 0
