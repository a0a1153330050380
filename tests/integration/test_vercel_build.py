"""The example's frontend, built by Vercel's own builder, and served from what it makes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from automation.builds.build import build
from automation.builds.store import Store
from automation.builds.vercel import OUTPUT
from automation.home import PROJECT
from automation.packaging.vercel import Routing, package
from automation.specification.loader import load
from components.contract.release import Artifact
from tests.doubles.vercel.edge import serve
from tests.doubles.web import Asked, Reply, Web

pytestmark = pytest.mark.integration
APP = PROJECT / "examples" / "todo"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return build(
        "frontend",
        load(APP),
        APP,
        {"public.url": "https://shop.example.org", "backend.url": "https://shop.example.org/api"},
        "1.0.0",
        None,
        Store(tmp_path_factory.mktemp("home") / "artifacts"),
        progress=lambda _line: None,
        cancelled=threading.Event(),
        vercel="24.x",
    ).artifact


@pytest.fixture(scope="module")
def site(artifact: Artifact) -> Iterator[str]:
    def answer(asked: Asked) -> Reply:
        return Reply(200, {"path": asked.path})

    with (
        Web(answer) as backend,
        serve(package(artifact, "1.0.0-r1", Routing(backend.url, "/api"))) as url,
    ):
        yield url


def test_pages_and_functions_answer_with_the_release(site: str) -> None:
    home, health = httpx.get(site), httpx.get(f"{site}/healthz", timeout=30)

    assert "<html" in home.text
    assert health.json()["status"] == "ok"
    assert home.headers["x-slipway-release"] == health.headers["x-slipway-release"] == "1.0.0-r1"


def test_files_with_a_hash_in_their_name_are_cached_for_ever(artifact: Artifact, site: str) -> None:
    static = Path(artifact.path) / "prebuilt" / OUTPUT / "static"
    script = next((static / "_next" / "static" / "chunks").rglob("*.js")).relative_to(static)

    answer = httpx.get(f"{site}/{script.as_posix()}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript")
    assert "immutable" in answer.headers["cache-control"]


def test_the_backend_is_reached_by_way_of_the_frontends_address(site: str) -> None:
    assert httpx.get(f"{site}/api/todos?page=2").json() == {"path": "/api/todos?page=2"}


def test_the_same_artifact_also_starts_as_a_server_of_its_own(artifact: Artifact) -> None:
    assert (Path(artifact.path) / artifact.working_directory / "server.js").is_file()


def test_what_is_deployed_names_no_file_outside_of_it(artifact: Artifact) -> None:
    folder = package(artifact, "1.0.0-r1", Routing())

    found = list(folder.rglob("*"))
    assert not [path for path in found if path.is_symlink()]
    assert any(path.is_file() for path in found)
    assert len(found) < 2000
