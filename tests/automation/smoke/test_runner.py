"""Declared flows run as real users, and fail exactly where the application misbehaves."""

from collections.abc import Callable

import httpx
import pytest

from automation.smoke.results import FlowResult
from automation.smoke.runner import run_flows
from automation.specification.models import Flow
from tests.doubles.todo_api import TodoApi
from tests.doubles.web import Reply

Run = Callable[..., FlowResult]

ADD = """
  - request: POST /api/tasks
    headers: {authorization: "Bearer ${token}"}
    json: {title: "milk ${unique}"}
    expect: {status: 201, json: {title: "milk ${unique}", done: false}}
    extract: {task: id}
"""
LIST = """
  - request: GET /api/tasks
    headers: {authorization: "Bearer ${token}"}
    expect: {json: {"length(@)": 1, "[0].id": "${task}", "[].done": [false]}}
"""
ISOLATION = """
  - request: POST /api/auth/register
    as: bob
    json: {email: "${bob.email}", password: "${bob.password}"}
    expect: {status: 201}
  - request: POST /api/auth/login
    as: bob
    json: {email: "${bob.email}", password: "${bob.password}"}
    extract: {token: access_token}
  - request: GET /api/tasks/${alice.task}
    as: bob
    headers: {authorization: "Bearer ${token}"}
    expect: {status: [403, 404]}
  - request: GET /api/tasks
    as: bob
    headers: {authorization: "Bearer ${token}"}
    expect: {json: {"@": []}}
"""


def test_a_working_application_passes(run: Run) -> None:
    result = run(ADD + LIST + ISOLATION)

    assert (result.status, result.error_message) == ("passed", None)
    assert isinstance(result.duration_ms, int)


def test_a_lost_row_is_found(run: Run, api: TodoApi) -> None:
    api.faults.add("drops rows")

    result = run(ADD + LIST)

    assert result.status == "failed"
    assert result.error_message == (
        "step 4, GET /api/tasks as alice: expected length(@) to be 1, got 0; body: []"
    )


def test_a_task_that_another_user_can_see_is_found(run: Run, api: TodoApi) -> None:
    api.faults.add("leaks")

    message = run(ADD + LIST + ISOLATION).error_message or ""

    assert message.startswith(
        "step 7, GET /api/tasks/${alice.task} as bob: expected status 403 or 404, got 200; body: "
    )


def test_a_server_error_is_named_with_step_request_and_body(run: Run, api: TodoApi) -> None:
    api.faults.add("answers 500")

    assert run(ADD).error_message == (
        "step 3, POST /api/tasks as alice: expected status 201, got 500; "
        'body: {"detail": "Internal Server Error"}'
    )


def test_an_application_that_hangs_fails_at_the_deadline(run: Run, api: TodoApi) -> None:
    api.faults.add("hangs")

    assert run(ADD, timeout=5).error_message == (
        "step 3, POST /api/tasks as alice: expected an answer, got none: timed out (read)"
    )


def test_a_connection_that_is_closed_fails_the_step(run: Run, api: TodoApi) -> None:
    api.faults.add("hangs up")

    assert "expected an answer, got none" in (run(ADD).error_message or "")


def test_a_failed_flow_does_not_end_the_others(
    new_client: Callable[[], httpx.Client],
) -> None:
    def flow(name: str, path: str) -> Flow:
        return Flow.model_validate(
            {"name": name, "category": "pages", "steps": [{"request": f"GET {path}"}]}
        )

    seen: list[FlowResult] = []
    results = run_flows(
        [flow("closed", "/api/tasks"), flow("home", "/")], new_client, on_result=seen.append
    )

    assert [(r.name, r.status) for r in results] == [("closed", "failed"), ("home", "passed")]
    assert seen == results


def test_every_user_has_a_cookie_jar_of_their_own(run: Run) -> None:
    result = run(
        """
  - request: GET /api/auth/me
    expect: {json: {email: "${alice.email}"}}
  - request: GET /api/auth/me
    as: bob
    expect: {status: 401}
"""
    )

    assert result.error_message is None


def test_forms_are_sent_as_forms(run: Run, api: TodoApi) -> None:
    result = run(
        """
  - request: POST /api/auth/form
    form: {username: "${alice.email}", password: "${alice.password}"}
    expect: {headers: {content-type: application/json}}
"""
    )

    assert result.error_message is None
    assert api.web.asked[-1].headers["content-type"] == "application/x-www-form-urlencoded"


def test_headers_for_all_requests_select_the_idle_slot(run: Run, api: TodoApi) -> None:
    run(ADD, headers={"x-slipway-slot": "green"})

    assert [asked.headers["x-slipway-slot"] for asked in api.web.asked] == ["green"] * 3


def test_every_run_has_users_of_its_own(run: Run, api: TodoApi) -> None:
    for _ in range(3):
        assert run(ADD).status == "passed"

    assert len(api.passwords) == 3


def test_made_up_users_satisfy_ordinary_validators(run: Run, api: TodoApi) -> None:
    run(ADD)

    ((email, password),) = api.passwords.items()
    assert email.endswith("@example.com")
    assert email == email.lower()
    assert any(c.isupper() for c in password)
    assert any(c.islower() for c in password)
    assert any(c.isdigit() for c in password)
    assert any(not c.isalnum() for c in password)
    assert 12 <= len(password) <= 64


def test_pages_are_checked_for_what_they_contain(run: Run) -> None:
    page = "[{request: GET /, expect: {contains: %s, headers: {content-type: text/html}}}]"

    assert run(page % "Todo", signed_in=False).status == "passed"
    assert run(page % "Shop", signed_in=False).error_message == (
        'step 1, GET / as alice: expected the body to contain "Shop"; '
        "body: <html><title>Todo</title></html>"
    )


def test_a_header_that_is_missing_is_said(run: Run) -> None:
    step = "[{request: GET /, expect: {headers: {x-frame-options: DENY}}}]"

    assert run(step, signed_in=False).error_message == (
        "step 1, GET / as alice: expected header x-frame-options to be DENY, got nothing"
    )


def test_a_page_where_json_was_expected_is_shown(run: Run) -> None:
    step = "[{request: GET /, expect: {json: {email: x}}}]"

    assert run(step, signed_in=False).error_message == (
        "step 1, GET / as alice: expected JSON; body: <html><title>Todo</title></html>"
    )


def test_extracting_what_is_not_there_fails_the_step(run: Run) -> None:
    step = "[{request: GET /api/auth/me, extract: {id: user.id}}]"

    assert "extract id: nothing at user.id; body: " in (run(step).error_message or "")


def test_a_value_that_nobody_extracted_fails_the_step(run: Run) -> None:
    assert run("[{request: 'GET /api/tasks/${task}'}]").error_message == (
        "step 3, GET /api/tasks/${task} as alice: unknown value ${task}"
    )


def test_a_user_that_is_not_declared_fails_the_step(run: Run) -> None:
    message = run("[{request: GET /, as: carol}]").error_message

    assert message == "step 3, GET / as carol: no such user in this flow: alice, bob"


@pytest.mark.parametrize("path", ["https://elsewhere.example/", "//elsewhere.example/", "api"])
def test_no_request_leaves_the_public_address(run: Run, api: TodoApi, path: str) -> None:
    result = run(f"[{{request: 'GET {path}'}}]", signed_in=False)

    assert "must begin with one /" in (result.error_message or "")
    assert api.web.asked == []


def test_an_extracted_value_cannot_change_the_path(run: Run, api: TodoApi) -> None:
    api.web.respond = lambda asked: Reply(body={"id": "../admin?x=1#y"})

    run(
        """
  - {request: GET /a, extract: {id: id}}
  - {request: "GET /api/tasks/${id}"}
""",
        signed_in=False,
    )

    assert api.web.asked[-1].path == "/api/tasks/..%2Fadmin%3Fx%3D1%23y"


def test_a_lone_reference_keeps_the_type_of_its_value(run: Run, api: TodoApi) -> None:
    api.web.respond = lambda asked: Reply(body={"id": 7, "text": "7", "nested": {"a": [1, None]}})

    result = run(
        """
  - {request: GET /a, extract: {number: id, text: text, nested: nested}}
  - request: POST /b
    json: {number: "${number}", both: "no ${number}", nested: "${nested}"}
    expect: {json: {id: "${number}", text: "${text}", nested: "${nested}"}}
""",
        signed_in=False,
    )

    assert result.error_message is None
    assert api.web.asked[-1].json() == {
        "number": 7,
        "both": "no 7",
        "nested": {"a": [1, None]},
    }


def test_true_is_not_one_and_text_is_not_a_number(run: Run, api: TodoApi) -> None:
    api.web.respond = lambda asked: Reply(body={"done": True, "id": "1"})

    done = run("[{request: GET /a, expect: {json: {done: 1}}}]", signed_in=False)
    id_ = run("[{request: GET /a, expect: {json: {id: 1}}}]", signed_in=False)

    assert "expected done to be 1, got true" in (done.error_message or "")
    assert 'expected id to be 1, got "1"' in (id_.error_message or "")
