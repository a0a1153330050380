"""Previews of pull requests, from the command line to the pages that the API's fake serves."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from automation.commands.frontend_preview import frontend_preview
from automation.errors import Blocked, DeploymentFailed, InvalidInput
from components.contract.outputs import HOME_VARIABLE
from tests.doubles.vercel.fake import BYPASS_HEADER, FakeVercel

SPECIFICATION = """\
---
kind: deployment
name: shop
version: 1.0.0
frontend:
  kind: static
  path: web
  output: .
backend:
  application: main:app
  path: api
  route: /api
---
"""
PROJECT, SECRET = "todo-staging", "a" * 32


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name, content in {
        "specs/app.md": SPECIFICATION,
        "web/index.html": "<h1>first</h1>",
        "api/main.py": "app = None",
        "api/requirements.txt": "",
    }.items():
        (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / name).write_text(content)
    return tmp_path / "app"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeVercel]:
    """The API, with the project of this checkout's `staging`."""
    with FakeVercel() as fake:
        made = fake.service.add_project({"name": PROJECT, "autoAssignCustomDomains": False})
        made.passes[SECRET] = {"scope": "automation-bypass", "note": "tests"}
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
        monkeypatch.setenv("VERCEL_API_TOKEN", fake.token)
        monkeypatch.setenv("VERCEL_API_URL", fake.url)
        yield fake


def shown(fake: FakeVercel, url: str, path: str = "/") -> httpx.Response:
    host = url.removeprefix("https://")
    return httpx.get(fake.url + path, headers={"host": host, BYPASS_HEADER: SECRET})


def deploy(app: Path, capsys: pytest.CaptureFixture[str], number: int = 7) -> dict[str, object]:
    assert frontend_preview("staging", number, False, app, True) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_pull_request_is_seen_at_the_printed_url_until_it_is_closed(
    app: Path, fake: FakeVercel, capsys: pytest.CaptureFixture[str]
) -> None:
    first = deploy(app, capsys)
    again = deploy(app, capsys)
    page = shown(fake, str(first["url"]))
    assert (first["reused"], again["reused"]) == (False, True)
    assert first["url"] == again["url"]
    assert page.text == "<h1>first</h1>"
    assert page.headers["x-slipway-release"] == "pull-request-7"

    (app / "web" / "index.html").write_text("<h1>second</h1>")
    second = deploy(app, capsys)
    assert shown(fake, str(second["url"])).text == "<h1>second</h1>"
    assert shown(fake, str(first["url"])).status_code == 404

    assert frontend_preview("staging", 7, True, None, False) == 0
    assert capsys.readouterr().out == "pull request 7: 1 previews removed\n"
    assert fake.service.deployments == {}


def test_previews_are_no_production_deployments_and_ask_the_environments_backend(
    app: Path, fake: FakeVercel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frontend_preview("staging", 7, False, app, False) == 0

    (made,) = fake.service.deployments.values()
    assert capsys.readouterr().out == f"https://{made.url}\n"
    assert made.target is None
    assert made.project.serves is None
    config = json.loads(fake.service.files[made.files[".vercel/output/config.json"]["sha"]])
    assert "https://api.staging.example.com$1" in [r.get("dest") for r in config["routes"]]


def test_another_environment_is_told_where_previews_are(app: Path, fake: FakeVercel) -> None:
    with pytest.raises(InvalidInput, match="slipway:frontendPlatform is local"):
        frontend_preview("development", 7, False, app, False)


def test_a_project_that_is_not_there_yet_is_told(app: Path, fake: FakeVercel) -> None:
    fake.service.projects.clear()

    with pytest.raises(Blocked, match=f"Vercel has no project {PROJECT}") as refused:
        frontend_preview("staging", 7, False, app, False)

    assert "./slipway up staging" in refused.value.hint


def test_without_a_token_it_is_said_what_to_set(
    app: Path, fake: FakeVercel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VERCEL_API_TOKEN")

    with pytest.raises(Blocked) as refused:
        frontend_preview("staging", 7, False, app, False)

    assert "Set VERCEL_API_TOKEN" in refused.value.hint


def test_what_vercel_refuses_is_no_traceback(app: Path, fake: FakeVercel) -> None:
    fake.fail("POST", "/v13/deployments", status=402)

    with pytest.raises(DeploymentFailed, match="Vercel refused POST /v13/deployments: 402") as no:
        frontend_preview("staging", 7, False, app, False)

    assert "plan" in no.value.hint
