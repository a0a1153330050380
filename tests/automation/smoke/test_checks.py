"""Flows that could never pass are found without a deployment."""

import pytest
import yaml

from automation.smoke.checks import problems
from automation.specification.models import Flow

GOOD = """
- request: POST /login
  json: {email: "${alice.email}", note: ["${unique}"]}
  extract: {token: access_token}
- request: GET /tasks/${alice.token}
  as: bob
  headers: {authorization: "Bearer ${token}"}
  expect: {json: {"[?title=='${unique}']": []}}
- query: "select 1 where ${bob.password} = ''"
  rows: [["${token}"]]
"""


def flow(steps: str, name: str = "tasks") -> Flow:
    return Flow.model_validate(
        {
            "name": name,
            "category": "integration",
            "users": ["alice", "bob"],
            "steps": yaml.safe_load(steps),
        }
    )


def test_a_sound_flow_has_no_problem() -> None:
    assert problems([flow(GOOD)]) == []


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("[{request: GET /, as: carol}]", "step 1: as: no user carol; users: alice, bob"),
        ("[{request: 'GET /${token}'}]", "step 1: nothing provides ${token} here"),
        ("[{request: GET /, json: {a: ['${x}']}}]", "step 1: nothing provides ${x} here"),
        ("[{query: 'select ${id}', rows: []}]", "step 1: nothing provides ${id} here"),
        (
            "[{request: GET /, extract: {a: b}, expect: {contains: '${a}'}}]",
            "step 1: nothing provides ${a} here",
        ),
        ("[{request: GET /, json: 1, form: {a: b}}]", "has either `json` or `form`"),
        ("[{request: GET /, extract: {a: 'b['}}]", "invalid JMESPath expression 'b['"),
    ],
)
def test_a_problem_is_named_with_flow_and_step(steps: str, problem: str) -> None:
    (found,) = problems([flow(steps)])

    assert found.startswith("smoke flow tasks, step 1: ")
    assert problem in found


def test_two_flows_of_one_name_are_a_problem() -> None:
    assert problems([flow(GOOD), flow(GOOD)]) == ["smoke flow tasks: there are two of that name"]
