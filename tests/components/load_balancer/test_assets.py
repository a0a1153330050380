"""Hashed files of releases that are gone, with the real Caddy, behind the real Envoy."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from components.contract.desired import DesiredState, Slot, Slots
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER
from components.load_balancer.assets import links
from tests.components.examples import frontend, live, release
from tests.components.load_balancer.conftest import Edge
from tests.doubles.file_server import FileServer
from tests.doubles.web import HANG_UP, Asked, Reply, Web

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("envoy")]

FOREVER = "public, max-age=31536000, immutable"
FILES = {
    "r1": {"/_next/static/chunks/one.js": "one", "/_next/static/same/manifest.js": "older"},
    "r2": {"/_next/static/chunks/two.js": "two", "/_next/static/same/manifest.js": "newer"},
}
MIXED = {
    "/assets/main-Ab12Cd34.js": "hashed",
    "/assets/main.ab12cd34.chunk.js": "hashed too",
    "/assets/logo.png": "not hashed",
    "/assets/my-fallback.png": "letters alone",
}


def built(folder: Path, id_: str, files: dict[str, str], day: int) -> Any:
    for path, text in files.items():
        file = folder / id_ / "site" / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    prefixes = {"/assets", "/_next/static"} if "r0" in id_ else {"/_next/static"}
    assets = {prefix: f"site{prefix}" for prefix in prefixes}
    made = frontend(path=str(folder / id_), assets=assets, health_path="/")
    return release(id_, frontend=made, created_at=f"2030-01-0{day}T00:00:00Z")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("artifacts")
    (folder / "r1" / "site").mkdir(parents=True)
    (folder / "r1" / "site" / "secret.txt").write_text("secret")
    return {
        "r0": built(folder, "r0", MIXED, 1),
        "r1": built(folder, "r1", FILES["r1"], 2),
        "r2": built(folder, "r2", FILES["r2"], 3),
    }


def serving(releases: dict[str, Any], *, blue: int = 0) -> DesiredState:
    """r1 in blue, r2 in green; r0 is recorded alone."""
    slots = Slots(
        blue=Slot(release="r1", replicas=1, weight=blue),
        green=Slot(release="r2", replicas=1, weight=100 - blue),
    )
    state = DesiredState(**{**dict(live(releases["r1"])), "releases": releases, "frontend": slots})
    return state.with_service("backend", slots)


@pytest.fixture(scope="module")
def servers(edge: Edge, releases: dict[str, Any], tmp_path_factory: Any) -> Iterator[FileServer]:
    """Slots that know the files of their own release alone, and the file server."""
    port = edge.ports["assets"]
    with ExitStack() as stack:
        for slot, id_ in (("blue", "r1"), ("green", "r2")):
            for service in ("backend", "frontend"):
                web = stack.enter_context(Web(owning(id_)))
                edge.ports[f"{service}-{slot}-0"] = web.port
        folder = tmp_path_factory.mktemp("caddy")
        yield stack.enter_context(FileServer(folder, port, serving(releases)))


def owning(id_: str) -> Any:
    def answer(asked: Asked) -> Reply | None:
        if asked.path == "/_next/static/hangs.js":
            return HANG_UP
        if asked.path.startswith(("/_next", "/assets")) and asked.path not in FILES[id_]:
            return Reply(404, "unknown here")
        return Reply(body=f"{id_} {asked.method}")

    return answer


def declared(edge: Edge, state: DesiredState) -> None:
    edge.declare(state)
    for slot in ("blue", "green"):
        edge.await_healthy(f"frontend_{slot}", 1)


@pytest.mark.parametrize("blue", [100, 50, 0])
def test_files_of_every_release_are_there_whatever_is_live(
    edge: Edge, servers: FileServer, releases: dict[str, Any], blue: int
) -> None:
    declared(edge, serving(releases, blue=blue))
    wanted = [(id_, path) for id_ in FILES for path in FILES[id_] if "same" not in path]
    with edge.client() as client:
        for id_, path in wanted * 5:
            answer = client.get(path)
            assert (answer.status_code, answer.headers[RELEASE_HEADER]) == (200, id_), path
            assert "set-cookie" not in answer.headers, "it is for caches"
        assert client.head(wanted[0][1]).status_code == 200


def test_a_live_releases_own_files_come_from_itself(
    edge: Edge, servers: FileServer, releases: dict[str, Any]
) -> None:
    declared(edge, serving(releases, blue=100))
    with edge.client() as client:
        assert client.get("/_next/static/chunks/one.js").text == "r1 GET"
        old = client.get("/_next/static/chunks/two.js")
        assert (old.text, old.headers["cache-control"]) == ("two", FOREVER)
        assert client.post("/_next/static/chunks/one.js").text == "r1 POST"
        there = client.get("/_next/static/chunks/two.js", headers={SLOT_HEADER: "blue"})
        assert there.status_code == 404, "who names a slot sees that slot"


def test_what_nobody_has_is_not_found(
    edge: Edge, servers: FileServer, releases: dict[str, Any]
) -> None:
    declared(edge, serving(releases))
    with edge.client() as client:
        assert client.get("/_next/static/chunks/none.js").status_code == 404
        assert client.get("/assets/none-Ab12Cd34.js").status_code == 404


def test_without_the_file_server_only_old_files_are_missing(
    edge: Edge, releases: dict[str, Any], servers: FileServer
) -> None:
    kept = edge.ports["assets"]
    edge.ports["assets"] = 1  # nothing listens there
    try:
        declared(edge, serving(releases))
        with edge.client() as client:
            assert client.get("/_next/static/chunks/two.js").text == "r2 GET"
            assert client.get("/_next/static/chunks/one.js").status_code == 404
            assert client.get("/page").status_code == 200
    finally:
        edge.ports["assets"] = kept


def test_a_slot_that_hangs_up_or_is_gone_does_not_take_the_files_along(
    edge: Edge, servers: FileServer, releases: dict[str, Any]
) -> None:
    declared(edge, serving(releases))
    kept = edge.ports["frontend-green-0"]
    edge.ports["frontend-green-0"] = 1
    try:
        edge.declare(serving(releases))
        with edge.client() as client:
            assert client.get("/_next/static/chunks/two.js").text == "two"
    finally:
        edge.ports["frontend-green-0"] = kept


def test_only_hashed_files_are_kept_for_ever(servers: FileServer) -> None:
    answers = [httpx.get(servers.url + path, trust_env=False) for path in MIXED]

    assert [(answer.status_code, answer.headers["cache-control"]) for answer in answers] == [
        (200, FOREVER),
        (200, FOREVER),
        (404, "no-store"),
        (404, "no-store"),
    ]
    newest = httpx.get(f"{servers.url}/_next/static/same/manifest.js", trust_env=False)
    assert (newest.text, newest.headers[RELEASE_HEADER]) == ("newer", "r2")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/_next/static/", 404),
        ("GET", "/_next/static/chunks", 404),
        ("GET", "/_next/static/chunks/", 404),
        ("GET", "/_next/static/chunks/*.js", 404),
        ("GET", "/*/_next/static/chunks/one.js", 404),
        ("GET", "/_next/static/%2e%2e/secret.txt", 404),
        ("GET", "/_next/static/..%2fsecret.txt", 404),
        ("POST", "/_next/static/chunks/one.js", 405),
        ("DELETE", "/_next/static/chunks/one.js", 405),
    ],
)
def test_nothing_but_files_of_these_folders_can_be_read(
    servers: FileServer, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, servers.url + path, trust_env=False)

    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")


def test_releases_come_and_go_without_a_gap(
    edge: Edge, servers: FileServer, releases: dict[str, Any]
) -> None:
    state = serving(releases)
    fewer = {id_: each for id_, each in releases.items() if id_ != "r0"}
    declared(edge, state)
    seen: Counter[Any] = Counter()
    done = threading.Event()

    def load() -> None:
        with edge.client() as client:
            while not done.is_set():
                try:
                    answer = client.get("/_next/static/chunks/one.js")
                    seen[answer.status_code, answer.text] += 1
                except httpx.HTTPError as error:
                    seen[repr(error)] += 1

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(20):
            servers.declare(serving(releases if turn % 2 else fewer))
            count = sum(seen.values())
            while sum(seen.values()) < count + 10 and all(t.is_alive() for t in threads):
                done.wait(0.005)
    finally:
        alive = [thread for thread in threads if thread.is_alive()]
        done.set()
        for thread in threads:
            thread.join(60)

    assert alive == threads, "none ends before it is told to"
    assert not any(thread.is_alive() for thread in threads)
    assert seen.keys() == {(200, "one")}, seen
    assert httpx.get(f"{servers.url}/assets/main-Ab12Cd34.js", trust_env=False).text == "hashed"


def test_links_are_sorted_from_the_newest_on(releases: dict[str, Any]) -> None:
    found = [name.partition("/")[0].partition("@")[2] for name in sorted(links(serving(releases)))]

    assert found == ["r2", "r1", "r0", "r0"]
    assert links(live()) == {}
