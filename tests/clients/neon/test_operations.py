"""Changes that are made later, and creations whose answer was lost."""

from typing import Any

import pytest

from clients.neon import operations
from clients.neon.errors import OperationFailed, Refused, Unanswered
from clients.neon.operations import PATIENCE_SECONDS
from clients.neon.transport import ATTEMPTS, Api
from tests.doubles.clock import FakeClock
from tests.doubles.web import Asked, Reply, Web

LOST = Unanswered("the answer was lost")


def refused(status: int) -> Refused:
    return Refused("POST /things", status, "", "no")


class Things:
    """A thing that is found after so many looks, and attempts to make it that end as told."""

    def __init__(self, *attempts: Exception | str, found_after: int = 99) -> None:
        self.attempts, self.looks, self.found_after = list(attempts), 0, found_after
        self.made = 0

    def find(self) -> str | None:
        self.looks += 1
        return "found" if self.looks > self.found_after else None

    def make(self) -> str:
        self.made += 1
        outcome = self.attempts.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api("key", "http://127.0.0.1:1", now=clock.time, sleep=clock.sleep)


def ensured(api: Api, things: Things) -> tuple[str, bool]:
    return operations.ensured(api, things.find, things.make)


def test_what_is_there_is_not_made(api: Api) -> None:
    things = Things(found_after=0)

    assert ensured(api, things) == ("found", False)
    assert things.made == 0


@pytest.mark.parametrize("first", [LOST, refused(409)], ids=["lost", "taken meanwhile"])
def test_what_may_have_been_made_is_looked_for_first(api: Api, first: Exception) -> None:
    things = Things(first, found_after=1)

    assert ensured(api, things) == ("found", False)
    assert things.made == 1


def test_what_was_not_made_after_all_is_made(api: Api) -> None:
    assert ensured(api, Things(LOST, LOST, "made")) == ("made", True)


def test_a_refusal_is_final(api: Api) -> None:
    things = Things(refused(400), "made")

    with pytest.raises(Refused):
        ensured(api, things)

    assert things.made == 1


def test_an_answer_that_is_always_lost_ends(api: Api) -> None:
    things = Things(*[LOST] * 99)

    with pytest.raises(Unanswered):
        ensured(api, things)

    assert things.made == ATTEMPTS


def operation(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "o-1", "project_id": "p-1", "action": "create_branch", "status": status, **more}


@pytest.mark.parametrize("status", ["failed", "error", "cancelled"])
def test_an_operation_that_ends_badly_is_said_with_its_reason(api: Api, status: str) -> None:
    with pytest.raises(OperationFailed, match=f"create_branch of project p-1: {status}: no disk"):
        operations.wait(api, [operation(status, error="no disk")])


@pytest.mark.parametrize("status", ["finished", "skipped"])
def test_an_operation_that_is_done_is_asked_nothing_more(api: Api, status: str) -> None:
    operations.wait(api, [operation(status)])


def test_an_operation_that_does_not_end_is_given_up_with_what_was_seen_last(
    clock: FakeClock,
) -> None:
    with Web(lambda _asked: Reply(200, {"operation": operation("running")})) as web:
        api = Api("key", web.url, now=clock.time, sleep=clock.sleep)
        began = clock.time()

        with pytest.raises(OperationFailed, match=r"create_branch .* is still running after 600 s"):
            operations.wait(api, [operation("scheduling")])

    assert clock.time() - began < PATIENCE_SECONDS + 5


def test_an_operation_of_a_project_that_is_gone_is_over(clock: FakeClock) -> None:
    with Web(lambda _asked: Reply(404, {"message": "project not found"})) as web:
        operations.wait(
            Api("key", web.url, now=clock.time, sleep=clock.sleep), [operation("running")]
        )


def test_what_somebody_else_asked_for_is_waited_for_whether_it_fails_or_not(
    clock: FakeClock,
) -> None:
    polled = []

    def answer(asked: Asked) -> Reply:
        if asked.path.startswith("/projects/p-1/operations?"):
            return Reply(200, {"operations": [operation("running"), operation("failed")]})
        polled.append(asked.path)
        return Reply(200, {"operation": operation("failed")})

    with Web(answer) as web:
        operations.settle(Api("key", web.url, now=clock.time, sleep=clock.sleep), "p-1")

    assert len(polled) == 1


def test_what_a_failed_creation_half_made_is_removed_and_its_reason_told(api: Api) -> None:
    removed = []

    def undo() -> None:
        removed.append(True)
        raise refused(423)

    with pytest.raises(OperationFailed, match="no disk"):
        operations.finish(api, {"operations": [operation("failed", error="no disk")]}, undo)

    assert removed == [True]
