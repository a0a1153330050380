import os
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from automation.polling import SystemClock, wait_until
from automation.specification.models import Frontend


@pytest.fixture
def site(built):
    """A started static artifact; its base URL."""
    artifact = built(Frontend(path="web", kind="static", output=".")).artifact
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        artifact.command,
        cwd=Path(artifact.path) / artifact.working_directory,
        env={**artifact.variables, artifact.port_variable: str(port)},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(
            lambda: answers(url), accept=bool, deadline=time.monotonic() + 20, clock=SystemClock()
        )
        yield url
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.slipway/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("path", "status", "cache"),
    [
        ("/", 200, "no-cache"),
        ("/a/page/of/the/application", 200, "no-cache"),
        ("/assets/index-Bd3a1b2c.js", 200, "public, max-age=31536000, immutable"),
        ("/assets/my-fallback.png", 200, "no-cache"),
        ("/assets/missing-Bd3a1b2c.js", 404, "no-cache"),
        ("/.slipway/health", 200, "no-store"),
    ],
)
def test_pages_fall_back_and_only_hashed_files_are_cached_for_ever(site, path, status, cache):
    answer = httpx.get(site + path)

    assert (answer.status_code, answer.headers["cache-control"]) == (status, cache)


def test_folders_of_hashed_files_are_named_for_the_time_after_the_release(built, app):
    (app / "web" / "_astro").mkdir()
    artifact = built(Frontend(path="web", kind="static", output=".")).artifact

    assert artifact.assets == {"/assets": "site/assets"}, "an empty folder is not kept"
    assert (Path(artifact.path) / "site" / "assets" / "index-Bd3a1b2c.js").is_file()


def test_it_listens_for_this_machine_only_and_leaves_the_sources_out(site, store):
    folder = next(store.root.glob("frontend-*"))

    assert {path.name for path in folder.iterdir()} >= {"site", "Caddyfile", "metadata.json"}
    assert not (folder / "source").exists()
    assert "bind 127.0.0.1" in (folder / "Caddyfile").read_text()
    assert os.environ.get("PORT") is None
