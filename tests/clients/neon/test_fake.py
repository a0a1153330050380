"""The fake refuses what the real API refuses, so that nobody relies on what is not allowed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from clients.neon import branches, projects
from clients.neon.transport import Api
from tests.doubles.neon.fake import FakeNeon

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("neon")]

Json = dict[str, Any]


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeNeon]:
    with FakeNeon(seconds=0.05) as made:
        yield made


@pytest.fixture(scope="module")
def project(fake: FakeNeon) -> str:
    return str(projects.ensure(Api(fake.key, fake.url), {"name": "ruled"})["id"])


@pytest.fixture(scope="module")
def main(fake: FakeNeon, project: str) -> str:
    return str(branches.default(Api(fake.key, fake.url), project)["id"])


def ask(fake: FakeNeon, method: str, path: str, body: Json | None = None) -> httpx.Response:
    headers = {"authorization": f"Bearer {fake.key}"}
    return httpx.request(method, f"{fake.url}{path}", json=body, headers=headers)


def test_nobody_without_the_key_is_answered(fake: FakeNeon) -> None:
    answer = httpx.get(f"{fake.url}/projects", headers={"authorization": "Bearer other"})

    assert (answer.status_code, set(answer.json())) == (401, {"request_id", "code", "message"})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/projects", {"project": {"colour": "red"}}, 400),
        ("POST", "/projects", {"project": {"name": "n" * 257}}, 400),
        ("POST", "/projects", {"project": {"region_id": "moon"}}, 400),
        ("POST", "/projects", {"project": {"pg_version": 12}}, 400),
        ("POST", "/projects", {"project": {"history_retention_seconds": 2592001}}, 400),
        ("PATCH", "/projects/{project}", {"project": {"region_id": "aws-us-east-1"}}, 400),
        ("GET", "/projects/nobody", None, 404),
        ("POST", "/projects/{project}/branches", {"branch": {"name": "main"}}, 409),
        ("POST", "/projects/{project}/branches", {"branch": {"parent_id": "br-none"}}, 404),
        ("DELETE", "/projects/{project}/branches/{main}", None, 422),
        ("DELETE", "/projects/{project}/branches/br-none", None, 204),
        (
            "POST",
            "/projects/{project}/branches/{main}/restore",
            {"source_branch_id": "{main}"},
            400,
        ),
        ("POST", "/projects/{project}/branches/{main}/restore", {}, 400),
        (
            "POST",
            "/projects/{project}/endpoints",
            {"endpoint": {"branch_id": "{main}", "type": "read_write"}},
            409,
        ),
        ("POST", "/projects/{project}/endpoints", {"endpoint": {"type": "read_write"}}, 400),
        ("POST", "/projects/{project}/branches/{main}/roles", {"role": {"name": "n" * 64}}, 400),
        ("POST", "/projects/{project}/branches/{main}/roles", {"role": {"name": "pg_x"}}, 400),
        (
            "POST",
            "/projects/{project}/branches/{main}/databases",
            {"database": {"name": "d", "owner_name": "nobody"}},
            404,
        ),
        ("GET", "/projects/{project}/connection_uri?role_name=r", None, 400),
        ("GET", "/nothing", None, 404),
    ],
)
def test_what_the_api_refuses(
    fake: FakeNeon,
    project: str,
    main: str,
    method: str,
    path: str,
    body: Json | None,
    status: int,
) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        if isinstance(value, str):
            return value.replace("{project}", project).replace("{main}", main)
        return value

    answer = ask(fake, method, filled(path), filled(body))

    assert answer.status_code == status, answer.text
    if status != 204:
        assert set(answer.json()) == {"request_id", "code", "message"}


def test_changes_are_made_later_and_lock_the_project_meanwhile(
    fake: FakeNeon, project: str
) -> None:
    path = f"/projects/{project}/branches"
    fake.service.queue.open.clear()
    made = ask(fake, "POST", path, {"branch": {"name": "later"}}).json()
    locked = ask(fake, "POST", path, {"branch": {"name": "another"}})
    fake.service.queue.open.set()

    assert made["branch"]["current_state"] == "init"
    assert made["operations"][0]["status"] == "scheduling"
    assert (locked.status_code, "conflicting operations" in locked.text) == (423, True)
    api = Api(fake.key, fake.url)
    again = branches.ensure(api, project, "later")
    assert (again["id"], again["current_state"]) == (made["branch"]["id"], "ready")
    assert branches.delete(api, project, again["id"])


def test_lists_come_in_pages(fake: FakeNeon, project: str) -> None:
    first = ask(fake, "GET", f"/projects/{project}/operations?limit=1").json()
    second = ask(
        fake,
        "GET",
        f"/projects/{project}/operations?limit=1&cursor={first['pagination']['cursor']}",
    ).json()

    assert len(first["operations"]) == len(second["operations"]) == 1
    assert first["operations"] != second["operations"]
