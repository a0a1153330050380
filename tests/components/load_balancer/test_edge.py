"""What clients see of the load balancer, with the real Envoy."""

import json
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from components.contract.desired import DesiredState
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER
from components.dynamic.envoy import DiscoveryProvider, Rejected
from components.load_balancer.envoy.listeners import MAX_BODY_BYTES
from components.load_balancer.envoy.routes import routes
from components.load_balancer.slot_routes import slot_routes
from tests.components.examples import backend, frontend, live, release
from tests.components.load_balancer.conftest import Edge
from tests.doubles.web import Asked, Reply, Web

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("envoy")]

PROVIDER = DiscoveryProvider()
REPLICAS = [f"backend-{slot}-{index}" for slot in ("blue", "green") for index in range(2)]
STATE = live(release("r1", frontend=frontend(health_path="/")), release("r2", frontend=frontend()))


def weighted(blue: int, green: int) -> DesiredState:
    return STATE.with_service("backend", STATE.backend.with_weights(blue=blue, green=green))


@pytest.fixture(scope="module", autouse=True)
def replicas(edge: Edge) -> Iterator[dict[str, Web]]:
    """Replicas of both slots and of the frontend, which say who they are."""
    names = [*REPLICAS, *(name.replace("backend", "frontend") for name in REPLICAS)]
    with ExitStack() as stack:
        running = {name: stack.enter_context(Web(_answer(name))) for name in names}
        edge.ports.update({name: web.port for name, web in running.items()})
        yield running


def _answer(name: str) -> Any:
    def answer(asked: Asked) -> Reply:
        return Reply(body={"replica": name, "path": asked.path, "size": len(asked.body)})

    return answer


@pytest.fixture(autouse=True)
def blue_is_live(edge: Edge, replicas: dict[str, Web]) -> None:
    edge.declare(weighted(100, 0))
    for slot in ("blue", "green"):
        edge.await_healthy(f"backend_{slot}", 2)
        edge.await_healthy(f"frontend_{slot}", 2)


def test_the_answer_names_the_release(edge: Edge) -> None:
    with edge.client() as client:
        answer = client.get("/api/tasks")

    assert answer.headers[RELEASE_HEADER] == "r1"
    assert answer.json()["replica"].startswith("backend-blue")
    assert answer.json()["path"] == "/api/tasks"


def test_both_protocols_are_offered(edge: Edge) -> None:
    def agreed(offered: str) -> str | None:
        trust = ssl.create_default_context(cafile=edge.certificate["authority"])
        trust.set_alpn_protocols([offered])
        with (
            socket.create_connection(("127.0.0.1", edge.ports["public"])) as plain,
            trust.wrap_socket(plain, server_hostname="todo.localhost") as secure,
        ):
            return secure.selected_alpn_protocol()

    assert agreed("h2") == "h2"
    assert agreed("http/1.1") == "http/1.1"


def test_paths_outside_the_backends_route_go_to_the_frontend(edge: Edge) -> None:
    with edge.client() as client:
        assert client.get("/api").json()["replica"].startswith("backend")
        assert client.get("/").json()["replica"].startswith("frontend")
        assert client.get("/apiary").json()["replica"].startswith("frontend")


def test_a_header_selects_the_idle_slot(edge: Edge) -> None:
    with edge.client() as client:
        answer = client.get("/api/tasks", headers={SLOT_HEADER: "green"})

    assert answer.headers[RELEASE_HEADER] == "r2"
    assert answer.json()["replica"].startswith("backend-green")


def test_the_application_reaches_its_backend_without_tls(edge: Edge) -> None:
    answer = httpx.get(f"{edge.internal}/api/tasks", trust_env=False)

    assert answer.json()["replica"].startswith("backend-blue")


def test_weights_change_without_an_error_or_a_dropped_connection(edge: Edge) -> None:
    done = threading.Event()
    seen: Counter[tuple[int, str]] = Counter()
    errors: list[Exception] = []

    def ask() -> None:
        with edge.client(limits=httpx.Limits(max_connections=1)) as client:
            while not done.is_set():
                try:
                    answer = client.get("/api/tasks")
                except httpx.HTTPError as error:
                    errors.append(error)
                    return
                seen[answer.status_code, answer.headers[RELEASE_HEADER]] += 1

    before = _connections(edge)
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for blue in (90, 50, 0, 100, 0):
        edge.declare(weighted(blue, 100 - blue))
        count = sum(seen.values())
        while sum(seen.values()) < count + 20 and not errors:
            done.wait(0.01)
    done.set()
    for thread in threads:
        thread.join(10)

    assert errors == []
    assert {status for status, _ in seen} == {200}
    assert {name for _, name in seen} == {"r1", "r2"}
    assert _connections(edge) == before + len(threads)
    with edge.client() as client:
        answers = [client.get("/api/tasks").headers[RELEASE_HEADER] for _ in range(5)]
    assert answers == ["r2"] * 5


def _connections(edge: Edge) -> int:
    line = edge.admin("/stats?filter=^http.public.downstream_cx_total$").text
    return int(line.split(": ")[1])


def test_where_nothing_is_live_the_answer_is_503(edge: Edge) -> None:
    edge.declare(weighted(0, 0))
    with edge.client() as client:
        answer = client.get("/api/tasks")
        assert (answer.status_code, answer.text) == (503, "nothing is live here\n")
        assert client.get("/").status_code == 200

    edge.declare(DesiredState())
    with edge.client() as client:
        assert client.get("/").status_code == 503


def test_a_body_over_the_limit_is_refused(edge: Edge) -> None:
    with edge.client() as client:
        within = client.post("/api/files", content=b"x" * 1024 * 1024)
        over = client.post("/api/files", content=b"x" * (MAX_BODY_BYTES + 1))

    assert within.json()["size"] == 1024 * 1024
    assert over.status_code == 413


def test_a_route_is_stripped_where_the_application_does_not_know_it(edge: Edge) -> None:
    stripped = release("r1", backend=backend(strip_route=True, route="/a+b"))
    edge.declare(live(stripped))

    with edge.client() as client:
        assert client.get("/a+b/tasks?x=1").json()["path"] == "/tasks?x=1"
        assert client.get("/a+b").json()["path"] == "/"
        assert client.get("/aab").json()["replica"].startswith("frontend")


def test_a_dead_replica_gets_no_traffic(edge: Edge, replicas: dict[str, Web]) -> None:
    port = edge.ports["backend-blue-1"]
    with Web(_answer("dying")) as dying:
        edge.ports["backend-blue-1"] = dying.port
        edge.declare(STATE)
        edge.await_healthy("backend_blue", 2)
        dying.respond = lambda _asked: Reply(500)
        edge.await_healthy("backend_blue", 1)

        with edge.client() as client:
            answers = [client.get("/api/tasks") for _ in range(10)]
    edge.ports["backend-blue-1"] = port

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["replica"] for answer in answers} == {"backend-blue-0"}


def test_a_rejected_configuration_is_an_error_and_the_old_one_stays(edge: Edge) -> None:
    good = [routes(slot_routes(STATE, edge.ports))]
    kept = edge.discover("routes", good)
    bad = [{"name": "routes", "virtual_hosts": [{"name": "", "domains": []}]}]

    with pytest.raises(Rejected, match="Envoy rejects the new routes"):
        PROVIDER.update("", kept, edge.props("routes", bad))

    assert PROVIDER.read("id", kept).outs["resources"] == kept["resources"]
    with edge.client() as client:
        assert client.get("/api/tasks").status_code == 200


def test_a_port_that_somebody_else_listens_on_is_told(edge: Edge, replicas: dict[str, Web]) -> None:
    taken = replicas["backend-blue-0"].port
    kept = (edge.folder / "envoy" / "listeners.json").read_text()

    with pytest.raises(Rejected, match=f"listeners: .*127.0.0.1:{taken}.*in use"):
        edge.discover("listeners", edge.listeners(internal_port=taken))

    assert (edge.folder / "envoy" / "listeners.json").read_text() == kept
    with edge.client() as client:
        assert client.get("/api/tasks").status_code == 200


def test_a_file_that_somebody_changed_is_seen_and_written_again(edge: Edge) -> None:
    kept = edge.discover("routes", [routes(slot_routes(STATE, edge.ports))])
    file = edge.folder / "envoy" / "routes.json"

    for text in ("", "{", json.dumps({"version_info": "other"})):
        file.write_text(text)
        seen = PROVIDER.read("id", kept).outs
        assert PROVIDER.diff("", seen, kept).changes, text
    PROVIDER.update("", seen, kept)

    assert not PROVIDER.diff("", PROVIDER.read("id", kept).outs, kept).changes


def test_without_its_file_a_resource_is_gone(edge: Edge, tmp_path: Any) -> None:
    made = PROVIDER.create(
        {**edge.props("routes", []), "directory": str(tmp_path), "admin_port": 1}
    )
    assert PROVIDER.read(made.id, made.outs).id == made.id

    PROVIDER.delete(made.id, made.outs)

    assert PROVIDER.read(made.id, made.outs).id == ""
    assert PROVIDER.diff("", made.outs, {**made.outs, "kind": "clusters"}).replaces == ["kind"]
