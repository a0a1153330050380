"""A backend is built and packed for real, against a real registry."""

import contextlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from automation.builds.build import BuildResult, build
from automation.builds.store import Store
from automation.errors import BuildFailed, InvalidInput
from automation.packaging import image, starting
from automation.packaging.image import Image, Wanted
from automation.polling import SystemClock, wait_until
from automation.specification.models import Backend, Specification
from tests.doubles import registry as registries
from tests.doubles.registry import LocalRegistry

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("images")]
API = Backend(path="api", application="main:app")
REQUIREMENTS = "uvicorn==0.38.0\nclick==8.3.0\nh11==0.16.0\nmarkupsafe==3.0.3\n"
MAIN = """
import markupsafe
assert markupsafe._speedups
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"served"})
"""
FILE = "Pulumi.staging.yaml"


@pytest.fixture(scope="module")
def registry() -> Iterator[LocalRegistry]:
    with registries.serving() as served:
        yield served


@pytest.fixture(scope="module")
def base(registry) -> str:
    return registry.base()


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Path:
    api = tmp_path_factory.mktemp("app") / "api"
    api.mkdir()
    (api / "requirements.txt").write_text(REQUIREMENTS)
    (api / "main.py").write_text(MAIN)
    return api.parent


@pytest.fixture(scope="module")
def built(app, tmp_path_factory) -> Callable[..., BuildResult]:
    store = Store(tmp_path_factory.mktemp("home") / "artifacts", needed_bytes=1)

    def run(backend: Backend = API) -> BuildResult:
        return build(
            "backend",
            Specification(name="app", backend=backend),
            app,
            {},
            "1.0.0",
            None,
            store,
            progress=lambda _line: None,
            cancelled=threading.Event(),
        )

    return run


def packed(result: BuildResult, wanted: Wanted, backend: Backend = API) -> Image:
    return image.build(
        result.artifact,
        backend,
        wanted,
        FILE,
        log=result.log,
        progress=lambda _line: None,
        cancelled=threading.Event(),
    )


@pytest.fixture(scope="module")
def first(registry, base, built) -> tuple[Wanted, Image]:
    wanted = Wanted(f"{registry.host}/acme/api", base)
    return wanted, packed(built(), wanted)


def test_an_image_is_named_by_its_digest_and_tagged_with_its_artifacts(registry, built, first):
    wanted, made = first
    repository, _, digest = made.reference.partition("@")

    assert repository == wanted.repository
    [tag] = registry.tags("acme/api")
    assert tag.startswith(built().artifact.digest[:12])
    assert registry.crane("digest", f"{repository}:{tag}") == digest


def test_it_runs_as_nobody_in_particular_in_the_backends_folder(registry, first):
    config = registry.configuration(first[1].reference)["config"]

    assert config["User"] == "10001:10001"
    assert config["WorkingDir"] == "/app/src"
    assert {"PYTHONPATH=/app/site-packages", "PYTHONUNBUFFERED=1", "PORT=8000"} <= {*config["Env"]}


def test_what_is_in_it_serves_on_every_interface_and_ends_when_told(registry, first, tmp_path):
    registry.unpack(first[1].reference, tmp_path)
    config = registry.configuration(first[1].reference)["config"]

    with started(config, tmp_path) as (process, url):
        assert answer(url) == "served"
        process.terminate()
        assert process.wait(20) in (0, -15)


def test_nothing_in_it_names_this_machine(registry, built, first, tmp_path):
    registry.unpack(first[1].reference, tmp_path)

    home = str(Path(built().artifact.path).parent)
    for path in (tmp_path / "app").rglob("*"):
        assert "__pycache__" not in path.parts
        if path.is_file():
            assert home.encode() not in path.read_bytes(), path
            assert path.stat().st_mtime == 0


def test_unchanged_it_is_neither_made_nor_pushed_again(built, first):
    wanted, made = first

    again = packed(built(), wanted)

    assert again == Image(made.reference, reused=True)


def test_another_machine_finds_it_by_its_tag(built, first):
    wanted, made = first
    (Path(built().artifact.path) / image.RECORD).unlink()

    assert packed(built(), wanted) == Image(made.reference, reused=True)


def test_made_twice_it_is_the_same(registry, base, built, first):
    twin = packed(built(), Wanted(f"{registry.host}/acme/twin", base))

    assert not twin.reused
    assert twin.reference.partition("@")[2] == first[1].reference.partition("@")[2]


def test_one_that_was_deleted_from_its_registry_is_pushed_again(registry, base, built):
    wanted = Wanted(f"{registry.host}/acme/gone", base)
    made = packed(built(), wanted)
    for tag in registry.tags("acme/gone"):
        registry.crane("delete", f"{wanted.repository}:{tag}")
    registry.crane("delete", made.reference)

    again = packed(built(), wanted)

    assert (again.reference, again.reused) == (made.reference, False)


def test_another_base_is_another_image(registry, built, first):
    wanted, made = first

    other = packed(
        built(), Wanted(wanted.repository, registry.base("python:other", f"{registries.PYTHON}.10"))
    )

    assert other.reference != made.reference


def test_a_base_of_another_architecture_is_refused_with_the_key(base, built, first):
    wanted = Wanted(first[0].repository, base, architecture="arm64")

    with pytest.raises(BuildFailed) as refused:
        packed(built(), wanted)

    assert "arm64" in str(refused.value)


def test_a_base_that_does_not_tell_its_python_gets_that_of_the_build(registry, built, first):
    wanted = Wanted(first[0].repository, registry.base("silent:1", python=""))

    assert "does not tell its Python" in packed(built(), wanted).notes[0]


def test_dependencies_are_those_of_the_bases_python(registry, built, first, tmp_path):
    older = registry.base("python:older", python="3.13.1")

    made = packed(built(), Wanted(first[0].repository, older))

    registry.unpack(made.reference, tmp_path)
    names = [path.name for path in (tmp_path / "app/site-packages/markupsafe").glob("*.so")]
    assert names == ["_speedups.cpython-313-x86_64-linux-gnu.so"]


def test_without_a_repository_the_key_is_named(base, built):
    with pytest.raises(InvalidInput, match=f"{FILE}: {image.KEY}"):
        packed(built(), Wanted("", base))


def test_a_base_that_is_not_there_is_named(registry, built):
    missing = f"{registry.host}/python:none"

    with pytest.raises(BuildFailed, match="python:none could not be read") as failed:
        packed(built(), Wanted(f"{registry.host}/acme/other", missing))

    assert "check its name" in failed.value.hint


def test_a_registry_that_refuses_says_how_to_log_in(base, built):
    with refusing() as host, pytest.raises(BuildFailed) as failed:
        packed(built(), Wanted(f"{host}/acme/api", base))

    assert f"docker login {host}" in failed.value.hint


def test_a_registry_that_is_not_there_is_named(base, built):
    host = f"127.0.0.1:{free_port()}"

    with pytest.raises(BuildFailed) as failed:
        packed(built(), Wanted(f"{host}/acme/api", base))

    assert f"{host} was not reached" in failed.value.hint


def test_a_command_of_ones_own_listens_on_every_interface(built):
    backend = API.model_copy(
        update={"start": 'uvicorn main:app --host 127.0.0.1 --port "${port}"', "install": None}
    )

    argv = starting.entrypoint(built().artifact, backend)

    line = 'exec uvicorn main:app --host 0.0.0.0 --port "${PORT}"'
    assert argv == ("/bin/sh", "-c", line)


@contextlib.contextmanager
def started(config: dict, root: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """Run an image's entrypoint on its unpacked files, with this machine's Python."""
    port = free_port()
    variables = dict(line.split("=", 1) for line in config["Env"])
    here = {
        **{name: value.replace("/app/", f"{root}/app/") for name, value in variables.items()},
        "PORT": str(port),
    }
    here["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    folder = f"{root}{config['WorkingDir']}"
    with subprocess.Popen(config["Entrypoint"], cwd=folder, env=here) as process:
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def answer(url: str) -> str | None:
    def ask() -> str | None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), 1) as open_,
        ):
            open_.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return open_.makefile("rb").read().decode().rpartition("\r\n")[2]
        return None

    port, clock = int(url.rpartition(":")[2]), SystemClock()
    return wait_until(ask, accept=bool, deadline=clock.time() + 30, clock=clock, every=0.1)


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """Serve a registry that lets nobody in."""

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"errors": [{"code": "DENIED", "message": "no"}]}).encode()
            self.send_response(403)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_POST = do_GET  # noqa: N815 (the names are those of the base class)

        def log_message(self, *_arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
