"""What is repeated, how long is waited in between, and when it ends."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from clients.neon.errors import KeyMissing, NotFound, Refused, Unanswered, Unreachable
from clients.neon.transport import ATTEMPTS, Api
from tests.doubles.clock import FakeClock
from tests.doubles.web import HANG_UP, Asked, Reply, Web

KEY = "napi_sentinel"
FINE = Reply(200, {"fine": True})


class Scripted:
    """Answers with one reply after the other, the last one for ever."""

    def __init__(self) -> None:
        self.replies: list[Reply | None] = [FINE]

    def __call__(self, asked: Asked) -> Reply | None:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def web(script: Scripted) -> Iterator[Web]:
    with Web(script) as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(web: Web, clock: FakeClock) -> Api:
    return Api(KEY, web.url, now=clock.time, sleep=clock.sleep)


def error(status: int, message: str = "told", code: str = "", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"request_id": "r-1", "code": code, "message": message}, named)


def make(api: Api) -> Any:
    return api.call("POST", "/projects", {"project": {}})


def read(api: Api) -> Any:
    return api.get("/projects")


@pytest.mark.parametrize("ask", [make, read])
@pytest.mark.parametrize("status", [423, 429, 503])
def test_what_was_not_begun_is_asked_again_whatever_it_is(
    api: Api, web: Web, script: Scripted, ask: Callable[[Api], Any], status: int
) -> None:
    script.replies = [*[error(status)] * 9, FINE]

    assert ask(api) == {"fine": True}

    assert len(web.asked) == 10


@pytest.mark.parametrize("lost", [HANG_UP, error(500), error(502)], ids=["no answer", "500", "502"])
def test_what_may_have_been_done_is_asked_again_only_where_that_does_no_harm(
    api: Api, web: Web, script: Scripted, lost: Reply | None
) -> None:
    script.replies = [lost, FINE]
    assert read(api) == {"fine": True}
    script.replies = [lost, FINE]
    web.asked.clear()

    with pytest.raises(Unanswered):
        make(api)

    assert len(web.asked) == 1


def test_it_is_not_asked_for_ever(api: Api, web: Web, script: Scripted, clock: FakeClock) -> None:
    script.replies = [error(423, "busy")]
    began = clock.time()

    with pytest.raises(Refused, match="423 busy"):
        make(api)

    assert clock.time() - began <= api.patience
    script.replies = [error(500)]
    web.asked.clear()
    with pytest.raises(Unanswered):
        read(api)
    assert len(web.asked) == ATTEMPTS


def test_a_wait_that_is_longer_than_the_patience_is_not_begun(
    api: Api, script: Scripted, clock: FakeClock
) -> None:
    script.replies = [error(429, retry_after="100000")]

    with pytest.raises(Refused, match="429"):
        read(api)

    assert clock.slept == []


@pytest.mark.parametrize(("given", "waited"), [("7", 7.0), ("0", 0.0)])
def test_neon_says_how_long_to_wait(
    api: Api, script: Scripted, clock: FakeClock, given: str, waited: float
) -> None:
    script.replies = [error(429, retry_after=given), FINE]

    read(api)

    assert clock.slept == [waited]


def test_nobody_there_is_said_with_the_address(clock: FakeClock) -> None:
    api = Api(KEY, "http://127.0.0.1:1/api", now=clock.time, sleep=clock.sleep)

    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:1/api cannot be reached"):
        make(api)

    assert len(clock.slept) == ATTEMPTS - 1


@pytest.mark.parametrize("url", ["console.neon.tech/api/v2", "https://[::", "ftp://neon"])
def test_what_is_no_address_is_told_at_once(clock: FakeClock, url: str) -> None:
    api = Api(KEY, url, now=clock.time, sleep=clock.sleep)

    with pytest.raises(Unreachable) as wrong:
        make(api)

    assert wrong.value.message.startswith(f"{url} is no address: ")
    assert "NEON_API_URL" in wrong.value.hint
    assert clock.slept == []


@pytest.mark.parametrize("body", ["<html>Welcome to the airport</html>", "[]", b"\xff"])
def test_an_answer_that_is_not_the_apis_is_told_with_the_address(
    api: Api, web: Web, script: Scripted, body: object
) -> None:
    script.replies = [Reply(200, body)]

    with pytest.raises(Unreachable) as wrong:
        read(api)

    assert wrong.value.message == f"what answered GET /projects at {web.url} is not Neon's API"
    assert "NEON_API_URL" in wrong.value.hint
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "told"),
    [
        (error(404), NotFound, "404"),
        (error(401, "no"), Refused, "Check that NEON_API_KEY"),
        (error(403, "no"), Refused, "Check that NEON_API_KEY"),
        (error(422, "full", "BRANCHES_LIMIT_EXCEEDED"), Refused, "choose a larger plan"),
        (Reply(400, "<html>what?</html>"), Refused, "400 Bad Request"),
    ],
    ids=["404", "401", "403", "limit", "no JSON"],
)
def test_a_refusal_says_what_was_asked_and_what_to_do(
    api: Api, script: Scripted, reply: Reply, kind: type[Exception], told: str
) -> None:
    script.replies = [reply]

    with pytest.raises(kind, match="POST /projects") as refused:
        make(api)

    assert told in str(refused.value)
    assert KEY not in str(refused.value)


def test_lists_are_read_to_their_end_whichever_cursor_they_have(
    api: Api, web: Web, script: Scripted
) -> None:
    script.replies = [
        Reply(200, {"projects": [{"n": 1}], "pagination": {"cursor": "a"}}),
        Reply(200, {"projects": [{"n": 2}], "pagination": {"next": "b"}}),
        Reply(200, {"projects": [{"n": 3}], "pagination": {"cursor": "b"}}),
    ]

    assert list(api.pages("/projects", "projects", search="x")) == [{"n": n} for n in (1, 2, 3)]

    assert [asked.path.partition("cursor=")[2][:1] for asked in web.asked] == ["", "a", "b"]
    assert all("search=x" in asked.path for asked in web.asked)


@pytest.mark.parametrize("key", ["", "  ", "with space", "wîth"])
def test_a_key_that_is_none_is_told_before_anything_is_asked(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEON_API_KEY", key)

    with pytest.raises(KeyMissing) as missing:
        Api.from_environment()

    assert "NEON_API_KEY" in str(missing.value)
    if key.strip():
        assert key not in str(missing.value)
