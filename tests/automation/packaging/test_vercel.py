"""What Vercel is given of an artifact, served as Vercel serves it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from automation.builds.vercel import OUTPUT, PREBUILT, collect
from automation.errors import BuildFailed
from automation.packaging.vercel import PACKAGES, Routing, package
from components.contract.release import Artifact
from tests.components.examples import frontend
from tests.doubles.vercel.edge import serve
from tests.doubles.web import Asked, Reply, Web

FILES = {
    "index.html": "home",
    "about.html": "about",
    "docs/index.html": "docs",
    "assets/index-Bd3a1b2c.js": "console.log(1)",
    "assets/my-fallback.png": "not really",
    "robots.txt": "robots",
}
FOREVER, REVALIDATED = "public, max-age=31536000, immutable", "public, max-age=0, must-revalidate"


@pytest.fixture
def static(tmp_path: Path) -> Artifact:
    for name, content in FILES.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(content)
    return frontend(kind="static", path=str(tmp_path), working_directory="site")


@pytest.fixture
def backend() -> Iterator[Web]:
    def answer(asked: Asked) -> Reply:
        told = {"path": asked.path, "slot": asked.headers.get("x-slipway-slot")}
        return Reply(200, told, {"x-slipway-release": "of the backend"})

    with Web(answer) as web:
        yield web


@pytest.fixture
def site(static: Artifact, backend: Web) -> Iterator[str]:
    with serve(package(static, "r1", Routing(backend.url, "/api"))) as url:
        yield url


@pytest.mark.parametrize(
    ("path", "status", "text", "cache"),
    [
        ("/", 200, "home", REVALIDATED),
        ("/about", 200, "about", REVALIDATED),
        ("/about.html", 200, "about", REVALIDATED),
        ("/docs", 200, "docs", REVALIDATED),
        ("/a/page/of/the/application", 200, "home", REVALIDATED),
        ("/robots.txt", 200, "robots", REVALIDATED),
        ("/assets/index-Bd3a1b2c.js", 200, "console.log(1)", FOREVER),
        ("/assets/my-fallback.png", 200, "not really", REVALIDATED),
        ("/assets/missing-Bd3a1b2c.js", 404, None, None),
    ],
)
def test_static_files_are_served_as_elsewhere_and_name_their_release(
    site: str, path: str, status: int, text: str | None, cache: str | None
) -> None:
    answer = httpx.get(site + path)

    assert (answer.status_code, answer.headers.get("cache-control")) == (status, cache)
    assert text is None or answer.text == text
    assert answer.headers["x-slipway-release"] == "r1"


@pytest.mark.parametrize("path", ["/api", "/api/notes?page=2"])
def test_requests_of_the_backend_go_to_its_origin_with_their_headers(site: str, path: str) -> None:
    answer = httpx.get(site + path, headers={"x-slipway-slot": "green"})

    assert answer.json() == {"path": path, "slot": "green"}
    assert answer.headers["x-slipway-release"] == "of the backend"


def test_a_path_that_only_begins_like_the_backends_is_the_frontends(site: str) -> None:
    answer = httpx.get(site + "/apiary")

    assert (answer.text, answer.headers["x-slipway-release"]) == ("home", "r1")


def test_a_package_is_made_once_for_each_release_and_routing(static: Artifact) -> None:
    routing = Routing("https://api.example.org", "/api")
    first = package(static, "r1", routing)
    before = (first / OUTPUT / "config.json").stat().st_mtime_ns

    assert package(static, "r1", routing) == first
    assert (first / OUTPUT / "config.json").stat().st_mtime_ns == before
    others = {package(static, "r2", routing), package(static, "r1", Routing("https://b.example"))}
    assert len({first, *others}) == 3
    page = (first / OUTPUT / "static" / "index.html").stat()
    assert page.st_ino == (Path(static.path) / "site" / "index.html").stat().st_ino, "no copy"


def test_without_a_backend_there_is_no_way_to_one(static: Artifact) -> None:
    config = json.loads((package(static, "r1", Routing()) / OUTPUT / "config.json").read_text())

    assert [route for route in config["routes"] if "://" in route.get("dest", "")] == []


def test_an_artifact_of_another_machine_is_told(static: Artifact) -> None:
    with pytest.raises(BuildFailed, match="release r1 is not on this machine"):
        package(static.model_copy(update={"path": "/elsewhere"}), "r1", Routing())


def test_a_server_that_was_built_for_another_platform_is_told(static: Artifact) -> None:
    with pytest.raises(BuildFailed, match="was not built for Vercel"):
        package(static.model_copy(update={"kind": "node"}), "r1", Routing())
    assert not list((Path(static.path) / PACKAGES).glob("*")), "nothing half is left"


@pytest.fixture
def built(tmp_path: Path) -> Callable[[], Artifact]:
    """What Vercel's builder leaves, collected: functions that share files, and links between."""

    def make() -> Artifact:
        root, artifact = tmp_path / "source", tmp_path / "artifact"
        output = root / OUTPUT
        configuration = {
            "handler": "run.cjs",
            "runtime": "nodejs24.x",
            "filePathMap": {"node_modules/greeting/index.js": "node_modules/greeting/index.js"},
        }
        script = "module.exports = (q, s) => s.end(require('greeting') + ' ' + q.url)"
        for path, text in {
            root / "node_modules" / "greeting" / "index.js": "module.exports = 'hello from'",
            root / "node_modules" / "unused" / "index.js": "",
            output / "config.json": json.dumps({"version": 3, "routes": ROUTES}),
            output / "builds.json": json.dumps({"argv": [str(root)]}),
            output / "diagnostics" / "trace.json": str(root),
            output / "functions" / "one.func" / ".vc-config.json": json.dumps(configuration),
            output / "functions" / "one.func" / "run.cjs": script,
            output / "functions" / "page.prerender-config.json": json.dumps(PRERENDERED),
            output / "functions" / "page.prerender-fallback.html": "made before",
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (output / "functions" / "two.func").symlink_to("one.func")
        collect(output, root, artifact / PREBUILT)
        return frontend(kind="node", path=str(artifact))

    return make


ROUTES = [
    {"src": "/old", "headers": {"Location": "/one"}, "status": 308},
    {"handle": "filesystem"},
    {"src": "/(?<name>.+)/again", "dest": "/$name", "check": True},
]
PRERENDERED = {
    "type": "Prerender",
    "fallback": {"fsPath": "page.prerender-fallback.html"},
    "initialHeaders": {"vary": "rsc"},
}


def test_a_collected_build_needs_nothing_of_its_sources(built: Callable[[], Artifact]) -> None:
    folder = package(built(), "r1", Routing())

    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert "node_modules/greeting/index.js" in names
    assert "node_modules/unused/index.js" not in names
    assert ".vercel/output/functions/two.func/run.cjs" in names
    assert not [path for path in folder.rglob("*") if path.is_symlink()]
    assert not [name for name in names if "builds.json" in name or "diagnostics" in name]


def test_functions_run_and_pages_made_before_are_served(built: Callable[[], Artifact]) -> None:
    with serve(package(built(), "r1", Routing())) as url:
        assert httpx.get(f"{url}/one?a=b").text == "hello from /one?a=b"
        assert httpx.get(f"{url}/two").text == "hello from /two"
        assert httpx.get(f"{url}/one/again").text == "hello from /one"
        page, moved = httpx.get(f"{url}/page"), httpx.get(f"{url}/old")

    assert (page.text, page.headers["vary"]) == ("made before", "rsc")
    assert (moved.status_code, moved.headers["location"]) == (308, "/one")
    assert page.headers["x-slipway-release"] == moved.headers["x-slipway-release"] == "r1"
