"""Before a gate trusts its numbers, they have to show a failure that was made on purpose."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from automation.gates.base import GateResult, Verdict
from automation.gates.proof import NOT_PROVEN, NOWHERE, prove
from automation.metrics.base import SlotTraffic, SourceUnavailable, Traffic
from automation.metrics.envoy import EnvoySource
from automation.polling import SystemClock
from automation.probes.client import direct_client, public_client
from components.contract.outputs import PROBE_FAILS, PROBE_HEADER, SLOT_HEADER
from tests.doubles.certificates import Authority
from tests.doubles.clock import FakeClock
from tests.doubles.edge import Edge
from tests.doubles.traffic import served
from tests.doubles.web import Reply, Web


@dataclass
class Balancer:
    """Answers the proof's requests and counts them as `count` has it; then is its own source."""

    fails: int = 503
    count: Callable[[bool], SlotTraffic] = lambda failed: served(1, int(failed))
    counted: SlotTraffic = field(default_factory=SlotTraffic)
    asked: list[httpx.Request] = field(default_factory=list)
    lag_seconds: ClassVar[float] = 0.0
    fails_on_purpose: ClassVar[bool] = True

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status = self.fails if request.headers[PROBE_HEADER] == PROBE_FAILS else 200
        self.counted = self.counted.plus(self.count(status >= 500))
        return httpx.Response(status)

    def traffic(self) -> Traffic:
        return {("backend", "green"): self.counted}

    def prove(self, clock: FakeClock | None = None) -> GateResult:
        transport = httpx.MockTransport(self.handle)
        with httpx.Client(base_url="https://todo.localhost", transport=transport) as client:
            passing = clock or FakeClock()
            return prove(self, client, "backend", "green", clock=passing, path="/api/ready")


def test_a_failure_that_is_counted_passes() -> None:
    balancer = Balancer()

    result = balancer.prove()

    assert result.verdict is Verdict.PASS
    assert [each.url.path for each in balancer.asked] == ["/api/ready"] * 2
    assert {each.headers[SLOT_HEADER] for each in balancer.asked} == {"green"}
    assert result.evidence["answers"] == [503, 200]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (lambda failed: served(1, 0), "do not show the 1 requests that failed, but 0"),
        (lambda failed: served(0 if failed else 1, int(failed)), "the 2 requests that were sent"),
        (lambda failed: SlotTraffic(1, int(failed)), "the response time of any request"),
        (lambda failed: SlotTraffic(), "do not show the 1 requests that failed"),
    ],
    ids=["as-a-success", "not-as-a-request", "without-times", "not-at-all"],
)
def test_what_is_not_counted_fails(count: Callable[[bool], SlotTraffic], said: str) -> None:
    result = Balancer(count=count).prove()

    assert result.verdict is Verdict.FAIL
    assert said in result.reason


def test_a_request_that_cannot_be_failed_fails() -> None:
    result = Balancer(fails=200).prove()

    assert result.verdict is Verdict.FAIL
    assert result.reason == (
        "a request to backend green that the load balancer was to fail got 200"
    )


@dataclass
class Observed(Balancer):
    """Fails nothing on purpose: the application answers `nowhere` for what is not there."""

    nowhere: int = 404
    knows_classes: bool = True
    lag_seconds: ClassVar[float] = 60.0
    fails_on_purpose: ClassVar[bool] = False

    def handle(self, request: httpx.Request) -> httpx.Response:
        assert request.headers[PROBE_HEADER] != PROBE_FAILS
        self.asked.append(request)
        status = self.nowhere if request.url.path.endswith(NOWHERE) else 200
        refused = int(self.knows_classes and 400 <= status < 500)
        self.counted = self.counted.plus(served(1, int(status >= 500), refused=refused))
        return httpx.Response(status)


def test_where_nothing_fails_on_purpose_an_answer_that_refuses_is_told_from_others() -> None:
    balancer = Observed()

    result = balancer.prove()

    assert result.verdict is Verdict.PASS
    assert [each.url.path for each in balancer.asked] == [f"/api/ready/{NOWHERE}", "/api/ready"]
    assert "an answer with 404 is told from others by its class" in result.reason
    assert result.evidence["not_proven"] == [NOT_PROVEN]


def test_an_application_that_answers_whatever_it_is_asked_proves_less_and_that_is_said() -> None:
    result = Observed(nowhere=200).prove()

    assert result.verdict is Verdict.PASS
    assert "not proven" in result.reason
    assert "a path that does not exist got 200 as well" in result.reason


def test_an_answer_that_refuses_and_counts_as_any_other_fails() -> None:
    result = Observed(knows_classes=False).prove()

    assert result.verdict is Verdict.FAIL
    assert "do not show the 1 requests that were refused, but 0" in result.reason


def test_statistics_that_lag_are_waited_for() -> None:
    clock = FakeClock()

    @dataclass
    class Late(Observed):
        def traffic(self) -> Traffic:
            return super().traffic() if clock.now >= 1050 else {("backend", "green"): served(0)}

    assert Late().prove(clock).verdict is Verdict.PASS
    assert clock.now >= 1050


def test_without_statistics_nothing_is_proven() -> None:
    class Gone(Balancer):
        def traffic(self) -> Traffic:
            raise SourceUnavailable("connection refused")

    class Foreign(Balancer):
        def traffic(self) -> Traffic:
            return {}

    assert Gone().prove().verdict is Foreign().prove().verdict is Verdict.INCONCLUSIVE


def test_without_a_public_address_nothing_is_proven() -> None:
    class Silent(Balancer):
        def handle(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("[Errno 111] Connection refused")

    result = Silent().prove()

    assert (result.verdict, result.reason) == (
        Verdict.INCONCLUSIVE,
        "backend green: connection refused",
    )


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    authority = Authority(tmp_path, "todo.localhost")
    with ExitStack() as stack:
        blue, green = (stack.enter_context(Web(lambda asked: Reply())) for _ in range(2))
        slots = {"backend_blue": blue.url, "backend_green": green.url}
        yield stack.enter_context(Edge(tmp_path, slots, authority))


def test_the_real_envoy_counts_what_it_fails_on_purpose(edge: Edge, tmp_path: Path) -> None:
    with (
        public_client(f"https://todo.localhost:{edge.port}", tmp_path / "ca.pem") as public,
        direct_client() as direct,
    ):
        source = EnvoySource(edge.admin, direct)
        result = prove(source, public, "backend", "green", clock=SystemClock())
        blue = source.traffic()["backend", "blue"]

    assert result.verdict is Verdict.PASS, result.reason
    assert blue.requests == 0
