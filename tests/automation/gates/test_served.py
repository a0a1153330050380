"""The public address has to name the expected release, again and again."""

from collections.abc import Callable
from itertools import chain, repeat

from automation.gates.base import Context, GateResult, Verdict
from automation.gates.served import ServedGate
from automation.probes.client import public_client
from components.contract.desired import SlotName
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER
from tests.doubles.clock import FakeClock
from tests.doubles.web import Asked, Reply, Web

GATE = ServedGate(path="/api/ready", successes=4, deadline_seconds=10, every=1)


def of(release: str, status: int = 200) -> Reply:
    return Reply(status, headers={RELEASE_HEADER: release})


def answers(*replies: Reply) -> Callable[[Asked], Reply]:
    following = chain(replies, repeat(replies[-1]))
    return lambda asked: next(following)


def evaluate(
    respond: Callable[[Asked], Reply | None], slot: SlotName | None = None
) -> tuple[GateResult, Web]:
    with Web(respond) as web, public_client(web.url) as client:
        context = Context(clock=FakeClock(), public=client, release="r2", slot=slot)
        return GATE.evaluate(context), web


def test_the_expected_release_on_every_request_passes() -> None:
    result, web = evaluate(answers(of("r2")))

    assert result.verdict is Verdict.PASS
    assert len(web.asked) == 4


def test_the_old_release_in_between_begins_the_count_anew() -> None:
    result, web = evaluate(answers(of("r2"), of("r2"), of("r1"), of("r2")))

    assert result.verdict is Verdict.PASS
    assert len(web.asked) == 7
    assert result.evidence["seen"] == {"release r2": 6, "release r1": 1}


def test_another_release_fails_with_what_was_seen() -> None:
    result, _ = evaluate(answers(of("r1")))

    assert result.verdict is Verdict.FAIL
    assert "seen: release r1 (11); last: release r1" in result.reason


def test_a_server_error_of_the_expected_release_does_not_count() -> None:
    result, _ = evaluate(answers(of("r2", 503)))

    assert result.verdict is Verdict.FAIL
    assert "status 503 of release r2" in result.reason


def test_an_answer_without_the_header_is_said() -> None:
    result, _ = evaluate(answers(Reply()))

    assert result.verdict is Verdict.FAIL
    assert "no release header" in result.reason


def test_no_answer_at_all_fails() -> None:
    result, _ = evaluate(lambda asked: None)

    assert result.verdict is Verdict.FAIL
    assert "disconnected" in result.reason


def test_the_idle_slot_is_asked_for_by_header() -> None:
    def respond(asked: Asked) -> Reply:
        return of("r2" if asked.headers[SLOT_HEADER] == "green" else "r1")

    assert evaluate(respond, slot="green")[0].verdict is Verdict.PASS
    assert evaluate(respond)[0].verdict is Verdict.FAIL
