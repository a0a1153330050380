"""Every replica has to be ready several times in a row, and the one that is not is named."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, repeat

import pytest

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.health import HealthGate
from automation.probes.client import direct_client
from tests.doubles.clock import FakeClock
from tests.doubles.web import Asked, Reply, Web

GATE = HealthGate(path="/ready", successes=3, deadline_seconds=20, every=1)


class Replicas:
    """Servers that answer with the given statuses, the last one for ever."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.webs: list[Web] = []

    def add(self, *statuses: int) -> Web:
        following = chain(statuses, repeat(statuses[-1]))

        def respond(asked: Asked) -> Reply:
            status = next(following)
            return Reply(status, {"detail": "ok" if status == 200 else "database unreachable"})

        web = self._stack.enter_context(Web(respond))
        self.webs.append(web)
        return web

    def evaluate(
        self, gate: HealthGate = GATE, *, timeout: float = 10, **context: object
    ) -> GateResult:
        with direct_client(timeout=timeout) as client:
            urls = tuple(web.url for web in self.webs)
            given = {"clock": FakeClock(), "replicas": urls, "direct": client, **context}
            return gate.evaluate(Context(**given))  # type: ignore[arg-type]


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    with ExitStack() as stack:
        yield Replicas(stack)


def test_ready_replicas_pass_after_as_many_successes_as_asked_for(replicas: Replicas) -> None:
    replicas.add(200)
    replicas.add(200)

    result = replicas.evaluate()

    assert (result.verdict, result.reason) == (Verdict.PASS, "2 of 2 replicas are ready")
    assert [[asked.path for asked in web.asked] for web in replicas.webs] == [["/ready"] * 3] * 2


def test_a_failure_begins_the_count_anew(replicas: Replicas) -> None:
    web = replicas.add(503, 200, 200, 503, 200, 200, 200)

    assert replicas.evaluate().verdict is Verdict.PASS
    assert len(web.asked) == 7


def test_all_replicas_are_ready_at_the_same_time(replicas: Replicas) -> None:
    replicas.add(200, 200, 200, 503, 200)
    replicas.add(503, 200)

    result = replicas.evaluate()

    assert result.verdict is Verdict.PASS
    assert len(replicas.webs[0].asked) == 7


def test_the_replica_that_never_becomes_ready_is_named_with_its_last_answer(
    replicas: Replicas,
) -> None:
    replicas.add(200)
    sick = replicas.add(503)

    result = replicas.evaluate()

    assert result.verdict is Verdict.FAIL
    assert result.reason == (
        "1 of 2 replicas became ready within 20 s; last observation of "
        f'{sick.url}/ready: status 503: {{"detail": "database unreachable"}}'
    )
    assert result.evidence["ready"] == 1


def test_a_redirect_is_not_ready(replicas: Replicas) -> None:
    replicas.add(307)

    assert replicas.evaluate().verdict is Verdict.FAIL


def test_a_replica_that_nobody_listens_for_is_named(replicas: Replicas) -> None:
    with Web(lambda asked: Reply()) as gone:
        url = gone.url

    result = replicas.evaluate(replicas=(url,))

    assert result.verdict is Verdict.FAIL
    assert result.reason.endswith(f"last observation of {url}/ready: connection refused")


def test_a_replica_that_hangs_does_not_pass(replicas: Replicas) -> None:
    with Web(lambda asked: web.hang()) as web:
        gate = HealthGate(path="/ready", deadline_seconds=1, every=1)
        result = replicas.evaluate(gate, timeout=0.2, replicas=(web.url,))

    assert result.verdict is Verdict.FAIL
    assert "timed out" in result.reason


def test_a_replica_that_does_not_stay_alive_fails_at_once(replicas: Replicas) -> None:
    web = replicas.add(503)

    died = "backend-green-0 died and was started again 2 times"
    result = replicas.evaluate(alive=lambda: died)

    assert result.verdict is Verdict.FAIL
    assert result.reason.startswith(f"a replica does not stay alive: {died}; last observation of ")
    assert "status 503" in result.reason
    assert len(web.asked) == 1


def test_progress_tells_how_many_are_ready(replicas: Replicas) -> None:
    replicas.add(200)
    replicas.add(503, 200)
    told: list[tuple[int, int]] = []

    replicas.evaluate(progress=lambda ready, total: told.append((ready, total)))

    assert told == [(0, 2), (0, 2), (1, 2), (2, 2)]


def test_without_a_path_any_answer_but_a_server_error_will_do(replicas: Replicas) -> None:
    replicas.add(404)
    assert replicas.evaluate(HealthGate(path=None)).verdict is Verdict.PASS

    replicas.add(500)
    assert replicas.evaluate(HealthGate(path=None)).verdict is Verdict.FAIL


def test_no_replicas_are_no_pass(replicas: Replicas) -> None:
    assert replicas.evaluate().verdict is Verdict.INCONCLUSIVE
