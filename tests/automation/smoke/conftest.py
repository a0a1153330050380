"""A Todo API that works, and the flows that a specification declares for it."""

from collections.abc import Callable, Iterator

import httpx
import pytest
import yaml

from automation.probes.client import public_client
from automation.smoke.query import Query
from automation.smoke.results import FlowResult
from automation.smoke.runner import run_flows
from automation.specification.models import Flow
from tests.doubles.todo_api import TodoApi

SignIn = """
  - request: POST /api/auth/register
    json: {email: "${alice.email}", password: "${alice.password}"}
    expect: {status: 201, json: {email: "${alice.email}"}}
  - request: POST /api/auth/login
    json: {email: "${alice.email}", password: "${alice.password}"}
    expect: {json: {token_type: bearer}}
    extract: {token: access_token}
"""

Run = Callable[..., FlowResult]


@pytest.fixture
def api() -> Iterator[TodoApi]:
    todo = TodoApi()
    yield todo
    todo.web.close()


@pytest.fixture
def new_client(api: TodoApi) -> Callable[[], httpx.Client]:
    return lambda: public_client(api.web.url)


@pytest.fixture
def run(api: TodoApi) -> Run:
    """Run steps written in YAML, after alice has registered and logged in unless told otherwise."""

    def run_steps(
        steps: str,
        *,
        signed_in: bool = True,
        users: tuple[str, ...] = ("alice", "bob"),
        query: Query | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 10,
    ) -> FlowResult:
        before = yaml.safe_load(SignIn) if signed_in else []
        flow = flow_of([*before, *yaml.safe_load(steps)], users=users)
        (result,) = run_flows(
            [flow],
            lambda: public_client(api.web.url, timeout=timeout),
            query=query,
            headers=headers,
        )
        return result

    return run_steps


def flow_of(steps: list[object], **fields: object) -> Flow:
    return Flow.model_validate(
        {"name": "tasks", "category": "crud_operations", **fields, "steps": steps}
    )
