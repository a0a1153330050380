"""What is repeated, how long is waited in between, and what an error says."""

import pytest

from clients.vercel.errors import NotFound, Refused, TokenMissing, Unanswered, Unreachable
from clients.vercel.transport import ATTEMPTS, Api
from tests.doubles.clock import FakeClock
from tests.doubles.vercel.fake import TOKEN, FakeVercel
from tests.doubles.vercel.model import Project
from tests.doubles.web import Reply, Web

ALIASES = "/v2/deployments/dpl_1/aliases"


def test_a_throttled_call_waits_as_long_as_it_is_told(
    api: Api, fake: FakeVercel, clock: FakeClock, project: Project
) -> None:
    fake.throttle("GET", "/v9/projects", seconds=40)

    assert api.get("/v9/projects/shop")["name"] == "shop"

    assert len(clock.slept) == 1
    assert 30 < clock.slept[0] <= 40


def test_a_moment_that_is_too_far_away_ends_it(
    api: Api, fake: FakeVercel, project: Project
) -> None:
    fake.throttle("GET", "/v9/projects", seconds=4000)

    with pytest.raises(Refused, match="429 rate_limited"):
        api.get("/v9/projects/shop")


@pytest.mark.parametrize("status", [0, 500, 502])
def test_what_may_have_been_done_is_asked_again_only_where_that_does_no_harm(
    api: Api, fake: FakeVercel, project: Project, status: int
) -> None:
    fake.fail("GET", "/v9/projects", status=status)
    fake.fail("POST", "/aliases", status=status)

    assert api.get("/v9/projects/shop")["name"] == "shop"
    with pytest.raises(Unanswered, match=f"POST {ALIASES}"):
        api.call("POST", ALIASES, {"alias": "a.vercel.app"})
    assert fake.count("POST", "/aliases") == 1


def test_a_service_that_stays_down_is_told_after_some_attempts(
    api: Api, fake: FakeVercel, clock: FakeClock
) -> None:
    fake.fail("GET", "/v9/projects", times=99)

    with pytest.raises(Unanswered):
        api.get("/v9/projects/shop")

    assert fake.count("GET", "/v9/projects") == ATTEMPTS
    assert clock.slept == sorted(clock.slept)


def test_nobody_there_is_said_with_the_address(clock: FakeClock) -> None:
    api = Api(TOKEN, "http://127.0.0.1:1", now=clock.time, sleep=clock.sleep)

    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:1 cannot be reached"):
        api.call("POST", ALIASES, {})


@pytest.mark.parametrize("url", ["api.vercel.com", "https://[::", "ftp://vercel"])
def test_what_is_no_address_is_told_at_once(clock: FakeClock, url: str) -> None:
    api = Api(TOKEN, url, now=clock.time, sleep=clock.sleep)

    with pytest.raises(Unreachable) as wrong:
        api.call("POST", ALIASES, {})

    assert wrong.value.message.startswith(f"{url} is no address: ")
    assert "VERCEL_API_URL" in wrong.value.hint
    assert clock.slept == []


@pytest.mark.parametrize("body", ["<html>Welcome to the airport</html>", "[]", b"\xff"])
def test_an_answer_that_is_not_the_apis_is_told_with_the_address(
    clock: FakeClock, body: object
) -> None:
    with Web(lambda _: Reply(200, body)) as web:
        api = Api(TOKEN, web.url, now=clock.time, sleep=clock.sleep)
        with pytest.raises(Unreachable) as wrong:
            api.get("/v9/projects/shop")

    told = f"what answered GET /v9/projects/shop at {web.url} is not Vercel's API"
    assert wrong.value.message == told
    assert "VERCEL_API_URL" in wrong.value.hint
    assert len(web.asked) == 1


def test_a_refusal_names_the_call_and_never_the_token(fake: FakeVercel, clock: FakeClock) -> None:
    wrong = Api("vcp_another", fake.url, now=clock.time, sleep=clock.sleep)

    with pytest.raises(Refused, match="GET /v9/projects/shop: 403 forbidden") as refused:
        wrong.get("/v9/projects/shop")

    assert "VERCEL_API_TOKEN" in str(refused.value)
    assert "vcp_another" not in str(refused.value)


def test_what_is_not_there_is_not_found(api: Api) -> None:
    with pytest.raises(NotFound):
        api.get("/v9/projects/other")


@pytest.mark.parametrize(
    ("team", "query"), [("team_1", "teamId=team_1"), ("acme", "slug=acme"), ("", "")]
)
def test_a_team_goes_with_every_call(
    fake: FakeVercel, project: Project, team: str, query: str
) -> None:
    Api(fake.token, fake.url, team=team).get("/v9/projects/shop")

    assert fake.web.asked[-1].path.partition("?")[2] == query


@pytest.mark.parametrize("token", ["", "  ", "with space", "wîth"])
def test_a_token_that_is_none_is_told_before_anything_is_asked(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERCEL_API_TOKEN", token)

    with pytest.raises(TokenMissing) as missing:
        Api.from_environment()

    assert "VERCEL_API_TOKEN" in str(missing.value)
    if token.strip():
        assert token not in str(missing.value)


def test_where_the_api_is_comes_from_the_environment(
    fake: FakeVercel, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERCEL_API_TOKEN", fake.token)
    monkeypatch.setenv("VERCEL_API_URL", fake.url)

    assert Api.from_environment().get("/v9/projects/shop")["name"] == "shop"
