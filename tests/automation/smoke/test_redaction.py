"""No error message shows a password, a token, or what looks like one."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.smoke.redaction import EXCERPT, excerpt, redact
from automation.smoke.results import FlowResult
from tests.doubles.todo_api import TodoApi
from tests.doubles.web import Reply

Run = Callable[..., FlowResult]

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r"


def test_a_password_that_the_application_echoes_is_not_shown(run: Run, api: TodoApi) -> None:
    api.faults.add("echoes the password")

    message = run("[{request: GET /}]").error_message or ""

    (password,) = {asked.json()["password"] for asked in api.web.asked if asked.method == "POST"}
    assert password not in message
    assert "refused ${alice.password}" in message


def test_an_extracted_value_is_shown_by_its_name(run: Run, api: TodoApi) -> None:
    api.web.respond = lambda asked: Reply(body={"ref": "swordfish", "seen": asked.path})

    message = (
        run(
            """
  - {request: GET /a, extract: {ref: ref}}
  - {request: "GET /b/${ref}", expect: {status: 204}}
""",
            signed_in=False,
        ).error_message
        or ""
    )

    assert "swordfish" not in message
    assert '"seen": "/b/${alice.ref}"' in message


def test_a_value_that_would_have_been_extracted_is_hidden_too(run: Run, api: TodoApi) -> None:
    api.web.respond = lambda asked: Reply(body={"a": "swordfish", "n": 1})

    message = run(
        "[{request: GET /a, expect: {json: {n: 2}}, extract: {code: a}}]", signed_in=False
    ).error_message

    assert message is not None
    assert "swordfish" not in message


def test_a_token_that_was_expected_to_be_absent_is_hidden(run: Run, api: TodoApi) -> None:
    api.web.respond = lambda asked: Reply(body={"access_token": "short"})

    message = run(
        "[{request: GET /a, expect: {json: {access_token: null}}}]", signed_in=False
    ).error_message

    assert message is not None
    assert "short" not in message


def test_cookies_are_hidden(run: Run, api: TodoApi) -> None:
    headers = {"set-cookie": "sid=swordfish; Path=/"}
    api.web.respond = lambda asked: Reply(body={"you": "swordfish"}, headers=headers)
    step = "[{request: GET /a, expect: {headers: {set-cookie: none}}}]"

    by_header = run(step, signed_in=False).error_message or ""
    by_body = run("[{request: GET /a, expect: {status: 201}}]", signed_in=False).error_message or ""

    assert "swordfish" not in by_header + by_body


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"access_token": "s3cr3t"}),
        json.dumps({"data": [{"user": {"passwordHash": "s3cr3t"}}]}),
        json.dumps({"password": 'a "quoted" s3cr3t'}),
        json.dumps({"anything": JWT}).replace(JWT, f"{JWT}s3cr3t"),
        '{"refresh_token": "s3cr3t", "broken',
        "password=s3cr3t&x=1",
        "Authorization: Bearer-s3cr3t",
        "<p>your API_KEY: s3cr3t</p>",
        "x" * 30 + "1s3cr3t",
        # Cut within a token, which then is too short to look like one.
        f"{'d1' * 990} {'b' * 5}s3cr3t{'c1' * 20}",
        "x1" * 1_000_000 + "s3cr3t",
    ],
)
def test_what_looks_like_a_secret_is_hidden(body: str) -> None:
    assert "s3cr3t" not in excerpt(body)


def test_identifiers_and_words_stay_readable() -> None:
    body = {
        "id": "3f1c0a9d-7b21-4c0e-9d2a-8e52b6d40c13",
        "detail": "Not authenticated, see /api/tasks at 2026-01-01T00:00:00Z",
        "configurationdocumentationpage": None,
    }

    assert json.loads(excerpt(json.dumps(body))) == body


def test_a_secret_is_found_however_it_is_written() -> None:
    secret = 'p"a ss/ü!1'
    written = [secret, json.dumps(secret), "p%22a+ss%2F%C3%BC%211", "p%22a%20ss%2F%C3%BC%211"]

    for text in written:
        shown = redact(f"<{text}>", [(secret, "[it]")])
        assert "[it]" in shown


@given(st.text(max_size=2000))
def test_an_excerpt_is_short_and_on_one_line(body: str) -> None:
    shown = excerpt(body)

    assert len(shown) <= EXCERPT
    assert len(shown.splitlines()) <= 1
