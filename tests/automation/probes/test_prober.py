"""A prober records every request it sent, and survives whatever happens to them."""

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from automation.polling import SystemClock, wait_until
from automation.probes.client import direct_client, public_client
from automation.probes.observations import Observed, ProbeResult, Tally
from automation.probes.probe import Probe, WeightChange, Weights
from automation.probes.prober import Prober
from components.contract.desired import SlotName
from components.contract.outputs import PROBE_HEADER, RELEASE_HEADER
from components.contract.release import ServiceName
from tests.doubles.clock import FakeClock
from tests.doubles.web import HANG_UP, Asked, Reply, Web

TARGETS: dict[ServiceName, str] = {"backend": "/api/ready", "frontend": "/"}


def probe_until(web: Web, requests: int, **options: Any) -> ProbeResult:
    with public_client(web.url, http2=False) as client:
        prober = Prober(client, TARGETS, **{"per_second": 200, "timeout": 10, **options})
        prober.start()
        web.wait_for(requests)
        return prober.stop()


def wait_for(prober: Prober, sent: int) -> None:
    clock = SystemClock()
    last = wait_until(
        prober.result,
        accept=lambda result: result.sent >= sent,
        deadline=clock.time() + 10,
        clock=clock,
        every=0.01,
    )
    assert last.sent >= sent


def probe(
    at: float, status: int | None = 200, service: ServiceName = "backend", ms: float = 0
) -> Probe:
    error = None if status else "connection refused"
    return Probe(at, service, "/", status, error, ms, "r1" if status else None)


def backend_weights(*, green: int) -> Weights:
    return {"backend": {"blue": 100 - green, "green": green}}


def observed(*probes: Probe, seconds: float, changes: tuple[WeightChange, ...] = ()) -> ProbeResult:
    tallies = {name: Tally() for name in dict.fromkeys(p.service for p in probes)}
    for one in probes:
        tallies[one.service].add(one)
    return Observed(
        started_at="", seconds=seconds, probes=probes, tallies=tallies, changes=changes
    ).result()


def test_every_request_that_came_in_is_counted_and_every_service_is_asked() -> None:
    with Web(lambda asked: Reply(headers={RELEASE_HEADER: "r1"})) as web:
        result = probe_until(web, 20)
        arrived = [asked.path for asked in web.asked]

    assert result.sent == len(arrived) >= 20
    assert {n: s.sent for n, s in result.services.items()} == {
        name: arrived.count(path) for name, path in TARGETS.items()
    }
    assert result.failed == 0
    assert [service.failed for service in result.services.values()] == [0, 0]
    assert result.releases == ("r1",)
    assert {n: dict(s.releases) for n, s in result.services.items()} == {
        name: {"r1": arrived.count(path)} for name, path in TARGETS.items()
    }
    assert result.answers == {"200": result.sent}
    assert result.failures == {}
    assert sum(row.sent for row in result.rows) == result.sent
    assert result.problem is None


def test_probes_are_marked_as_synthetic() -> None:
    with Web(lambda asked: Reply()) as web:
        probe_until(web, 1)
        assert web.asked[0].headers[PROBE_HEADER] == "1"


def test_only_the_service_that_fails_is_said_to_fail() -> None:
    with Web(lambda asked: Reply(503 if asked.path == "/api/ready" else 200)) as web:
        result = probe_until(web, 10)

    backend, frontend = result.services["backend"], result.services["frontend"]
    assert result.failed == backend.failed == backend.sent > 0
    assert frontend.failed == 0 < frontend.sent


def test_a_release_that_takes_over_is_seen() -> None:
    numbers = count(1)

    def respond(asked: Asked) -> Reply:
        return Reply(headers={RELEASE_HEADER: "r1" if next(numbers) <= 10 else "r2"})

    with Web(respond) as web:
        result = probe_until(web, 20)

    assert set(result.releases) == {"r1", "r2"}


@pytest.mark.parametrize(
    ("respond", "timeout", "said"),
    [
        (lambda web: HANG_UP, 10, "disconnected"),
        (lambda web: web.hang(), 0.1, "timed out"),
    ],
)
def test_requests_without_an_answer_are_failures_and_are_not_retried(
    respond: Callable[[Web], Reply | None], timeout: float, said: str
) -> None:
    with Web(lambda asked: respond(web)) as web:
        result = probe_until(web, 6, timeout=timeout, per_second=40)
        web.wait_for(result.sent)  # who gives up may do so before its request is read
        arrived = len(web.asked)

    assert result.failed == result.sent == arrived
    assert all(said in answer for answer in result.answers)
    assert result.p50_ms is None


def test_hanging_requests_do_not_hold_up_the_next_ones() -> None:
    release = threading.Event()

    def respond(asked: Asked) -> Reply:
        if asked.path != "/":
            return Reply()
        release.wait(30)
        return Reply(503)

    with Web(respond) as web, public_client(web.url) as client:
        prober = Prober(client, TARGETS, per_second=100, timeout=20)
        prober.start()
        # All of these are sent while the first is still waiting for its answer.
        web.wait_for(40)
        release.set()
        result = prober.stop()

    assert result.services["backend"].failed == 0
    assert result.services["frontend"].failed == result.services["frontend"].sent >= 19


def test_nobody_listening_is_a_failure_of_every_probe() -> None:
    with Web(lambda asked: Reply()) as web:
        url = web.url
    with direct_client() as client:
        prober = Prober(client, {"backend": url}, per_second=200)
        prober.start()
        wait_for(prober, 3)
        result = prober.stop()

    assert result.failed == result.sent > 0
    assert result.failures == {"connection refused": result.sent}


def test_an_exception_of_a_probe_is_a_record_and_the_prober_goes_on() -> None:
    def explode(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError("out of the blue")

    with httpx.Client(transport=httpx.MockTransport(explode)) as client:
        prober = Prober(client, {"backend": "http://nowhere/"}, per_second=500)
        prober.start()
        wait_for(prober, 3)
        result = prober.stop()

    assert result.failed == result.sent
    assert list(result.answers) == ["ZeroDivisionError: out of the blue"]


def test_stopping_is_idempotent_and_ends_the_requests() -> None:
    with Web(lambda asked: Reply()) as web, public_client(web.url) as client:
        prober = Prober(client, TARGETS, per_second=200)
        prober.start()
        prober.start()
        web.wait_for(3)
        first, second = prober.stop(), prober.stop()
        arrived = len(web.asked)

    assert first == second
    assert first.sent == arrived


def test_a_prober_that_was_never_started_claims_nothing() -> None:
    with direct_client() as client:
        result = Prober(client, TARGETS).stop()

    assert (result.sent, result.failed, result.rows, result.seconds) == (0, 0, (), 0.0)
    assert (result.p50_ms, result.p99_ms, result.longest_gap_seconds) == (None, None, None)
    assert [service.sent for service in result.services.values()] == [0, 0]


def test_without_targets_nothing_is_sent() -> None:
    with direct_client() as client, Prober(client, {}) as prober:
        assert prober.stop().sent == 0


def test_changes_of_weights_are_marked_from_the_moment_they_were_made() -> None:
    clock = FakeClock()
    with direct_client() as client:
        prober = Prober(client, TARGETS, clock=clock)
        clock.sleep(7)
        weights: dict[SlotName, int] = {"blue": 0, "green": 100}
        prober.weights(clock.time(), {"backend": weights})
        weights["green"] = 1

    assert prober.result().changes == (WeightChange(7.0, {"backend": {"blue": 0, "green": 100}}),)


def test_memory_is_bounded_and_the_totals_stay_exact() -> None:
    with Web(lambda asked: Reply()) as web:
        result = probe_until(web, 12, remember=5)
        arrived = len(web.asked)

    assert result.sent == arrived
    assert sum(row.sent for row in result.rows) == 5


def test_the_longest_gap_is_between_two_successes() -> None:
    result = observed(probe(0), probe(1, 500), probe(2, None), probe(3), probe(4), seconds=4)

    assert result.longest_gap_seconds == 3
    assert (result.services["backend"].sent, result.services["backend"].failed) == (5, 2)


def test_an_outage_that_lasts_to_the_end_is_a_gap() -> None:
    result = observed(probe(0), probe(1), probe(2, None), probe(9, None), seconds=10)

    assert result.longest_gap_seconds == 9


def test_one_service_that_answers_does_not_hide_the_gap_of_the_other() -> None:
    frontend = [probe(second, service="frontend") for second in range(10)]
    backend = [probe(0), *(probe(second, 502) for second in range(1, 9)), probe(9)]

    assert observed(*frontend, *backend, seconds=9).longest_gap_seconds == 9


def test_percentiles_are_measured_values_of_answered_requests() -> None:
    answered = [probe(0, ms=float(ms)) for ms in range(1, 101)]

    result = observed(*answered, probe(0, None, ms=9999), seconds=1)

    assert (result.p50_ms, result.p99_ms) == (50.0, 99.0)


def test_rows_tell_what_happened_in_each_second_and_under_which_weights() -> None:
    blue, green = (backend_weights(green=0), backend_weights(green=100))
    changes = (WeightChange(0.0, blue), WeightChange(2.5, green))

    rows = observed(probe(0.2), probe(0.9), probe(2.1, 503), seconds=3, changes=changes).rows

    assert [(row.second, row.sent, row.failed) for row in rows] == [(0, 2, 0), (2, 1, 1)]
    assert [row.weights for row in rows] == [blue, green]
    assert rows[0].releases == {"r1": 2}
