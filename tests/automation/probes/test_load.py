"""A load sends exactly what was asked for, and its numbers are measured or absent."""

from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.probes.client import direct_client, public_client
from automation.probes.load import LoadResult, run_load
from automation.probes.percentiles import percentile
from tests.doubles.certificates import Authority
from tests.doubles.clock import FakeClock
from tests.doubles.edge import Edge
from tests.doubles.web import HANG_UP, Asked, Reply, Web


def load(web: Web, requests: int, paths: tuple[str, ...] = ("/api/ready", "/")) -> LoadResult:
    with public_client(web.url) as client:
        return run_load(client, paths, requests=requests)


def test_exactly_so_many_requests_are_sent_over_all_paths_in_turn() -> None:
    with Web(lambda asked: Reply()) as web:
        result = load(web, 50)
        arrived = Counter(asked.path for asked in web.asked)

    assert arrived == {"/api/ready": 25, "/": 25}
    assert (result.sent, result.failed) == (50, 0)
    assert result.answers == {"200": 50}
    assert result.error_rate_percent == 0


def test_a_load_through_envoy_reports_no_failure_that_never_happened(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "todo.localhost")
    with (
        Web(lambda asked: Reply()) as web,
        Edge(tmp_path, {"backend_blue": web.url}, authority) as edge,
        public_client(f"https://todo.localhost:{edge.port}", authority.ca) as client,
    ):
        result = run_load(client, ("/",), requests=400)

    # Over a shared HTTP/2 connection some of them are lost within the client library.
    assert result.answers == {"200": 400}


def test_the_numbers_fit_together() -> None:
    with Web(lambda asked: Reply()) as web:
        result = load(web, 40)

    assert result.p50_ms is not None
    assert result.p95_ms is not None
    assert result.p99_ms is not None
    assert 0 < result.p50_ms <= result.p95_ms <= result.p99_ms
    assert result.requests_per_second == pytest.approx(40 / result.seconds)
    assert result.memory_percent is not None
    assert 0 < result.memory_percent < 100


def test_a_load_that_lasted_says_how_busy_the_machine_was() -> None:
    def respond(asked: Asked) -> Reply:
        web.closing.wait(0.05)
        return Reply()

    with Web(respond) as web:
        result = load(web, 20)

    assert result.cpu_percent is not None
    assert 0 <= result.cpu_percent <= 100


def test_server_errors_and_lost_connections_are_errors_and_refusals_are_not() -> None:
    numbers = count()
    replies = (Reply(), Reply(500), HANG_UP, Reply(404))

    with Web(lambda asked: replies[next(numbers) % 4]) as web:
        result = load(web, 20)

    assert result.failed == 10
    assert result.error_rate_percent == 50
    assert {key: n for key, n in result.answers.items() if key.isdigit()} == {
        "200": 5,
        "500": 5,
        "404": 5,
    }


def test_nothing_sent_is_nothing_measured() -> None:
    with direct_client() as client:
        for result in (
            run_load(client, ("/",), requests=0),
            run_load(client, (), requests=10),
            run_load(client, ("/",), requests=10, limit=0, clock=FakeClock()),
        ):
            assert result.sent == 0
            assert result.record() == {}


def test_requests_that_nobody_answered_have_no_response_time() -> None:
    with Web(lambda asked: Reply()) as web:
        url = web.url
    with direct_client() as client:
        result = run_load(client, (url,), requests=8)

    assert (result.sent, result.failed, result.error_rate_percent) == (8, 8, 100)
    assert (result.p50_ms, result.p95_ms, result.p99_ms) == (None, None, None)
    assert "p95_ms" not in result.record()


def test_a_load_ends_at_its_time_limit() -> None:
    clock = FakeClock()

    def respond(asked: Asked) -> Reply:
        clock.sleep(3)
        return Reply()

    with Web(respond) as web, direct_client() as client:
        result = run_load(client, (web.url,), requests=1000, concurrency=1, limit=10, clock=clock)

    assert result.sent == 4


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_is_one_of_the_values_and_at_least_that_many_are_not_above_it(
    values: list[float], percent: float
) -> None:
    found = percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values)


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 95) is None
