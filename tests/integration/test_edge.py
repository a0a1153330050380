"""What the load balancer does for a rollout, with the real Envoy in front of real servers."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from automation import traffic
from automation.polling import SystemClock
from components.contract import outputs
from components.contract.desired import Audience, DesiredState, Rollout, Slot
from components.contract.outputs import PROBE_HEADER, RELEASE_HEADER, SLOT_HEADER, STICKY_COOKIES
from components.dynamic.envoy import DiscoveryProvider, document, encoded
from components.load_balancer.envoy.routes import routes
from components.load_balancer.slot_routes import slot_routes
from components.load_balancer.way_back import way_back
from tests.components.examples import live, release
from tests.components.load_balancer.conftest import Edge
from tests.doubles.web import HANG_UP, Asked, Reply, Web

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("envoy")]

PROVIDER = DiscoveryProvider()


class Patient(SystemClock):
    """A clock on which half a minute is a second: that it takes no longer is measured elsewhere."""

    def time(self) -> float:
        return super().time() / 30


SLOTS = [f"{service}_{slot}" for service in ("backend", "frontend") for slot in ("blue", "green")]
STATE = live(release("r1"), release("r2"))
TESTERS = Audience(kind="cookie", name="group", value="testers")


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with Edge(tmp_path_factory.mktemp("edge")) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def replicas(edge: Edge) -> Iterator[dict[str, Web]]:
    """Two replicas of each slot, which say who they are."""
    names = [name.replace("_", "-") + f"-{index}" for name in SLOTS for index in range(2)]
    with ExitStack() as stack:
        running = {name: stack.enter_context(Web(answering(name))) for name in names}
        edge.ports.update({name: web.port for name, web in running.items()})
        yield running


def answering(name: str) -> Any:
    return lambda asked: Reply(body={"replica": name, "path": asked.path})


@pytest.fixture(autouse=True)
def everything_is_well(edge: Edge, replicas: dict[str, Web]) -> None:
    for name, web in replicas.items():
        web.respond = answering(name)
    edge.declare(STATE)
    for cluster in SLOTS:
        edge.await_healthy(cluster, 2)


def weighted(blue: int, state: DesiredState = STATE) -> DesiredState:
    for service in ("backend", "frontend"):
        slots = state.service(service).with_weights(blue=blue, green=100 - blue)
        state = state.with_service(service, slots)
    return state


def with_slot(state: DesiredState, slot: str, **changes: Any) -> DesiredState:
    for service in ("backend", "frontend"):
        slots = state.service(service)
        held = Slot(**{**dict(slots.slot(slot)), **changes})
        state = state.with_service(service, slots.with_slot(slot, held))
    return state


def rolling_out(state: DesiredState) -> DesiredState:
    rollout = Rollout(
        deployment="d",
        strategy="canary",
        step=1,
        steps=2,
        target="r2",
        back_to="r1",
        back_to_slots={"backend": STATE.backend, "frontend": STATE.frontend},
        owner="o",
    )
    return DesiredState(**{**dict(state), "rollout": rollout})


def served(client: httpx.Client, count: int = 1, path: str = "/api/x", **options: Any) -> set[str]:
    found = set()
    for _ in range(count):
        client.cookies.clear()
        answer = client.get(path, **options)
        assert answer.status_code == 200, answer.text
        found.add(answer.headers[RELEASE_HEADER])
    return found


# one release for a browser


@pytest.mark.parametrize(("service", "path"), [("backend", "/api/x"), ("frontend", "/page")])
def test_while_both_have_traffic_a_browser_stays_with_the_release_that_it_met(
    edge: Edge, service: str, path: str
) -> None:
    edge.declare(weighted(50))

    for _ in range(10):
        with edge.client() as browser:
            first = browser.get(path)
            assert browser.cookies[STICKY_COOKIES[service]] == first.headers[RELEASE_HEADER]
            later = [browser.get(path) for _ in range(10)]
        assert {a.headers[RELEASE_HEADER] for a in later} == {first.headers[RELEASE_HEADER]}
        assert [a.headers.get("set-cookie") for a in later] == [None] * 10


def test_the_cookie_is_for_the_session_and_for_no_script(edge: Edge) -> None:
    edge.declare(weighted(1))
    with edge.client() as client:
        found = client.get("/api/x").headers["set-cookie"]

    name, value = STICKY_COOKIES["backend"], found.partition("=")[2].partition(";")[0]
    assert value in ("r1", "r2")
    assert found == f"{name}={value}; Path=/; HttpOnly; Secure; SameSite=Lax"


def test_each_service_has_a_cookie_of_its_own(edge: Edge) -> None:
    edge.declare(weighted(50))
    crossed = {STICKY_COOKIES["backend"]: "r1", STICKY_COOKIES["frontend"]: "r2", "other": "1"}
    with edge.client(cookies=crossed) as client:
        for _ in range(10):
            assert client.get("/api/x").headers[RELEASE_HEADER] == "r1"
            assert client.get("/page").headers[RELEASE_HEADER] == "r2"


def test_a_cookie_of_a_release_without_traffic_is_ignored_and_none_is_set(edge: Edge) -> None:
    edge.declare(weighted(100))
    with edge.client(headers={"cookie": f"{STICKY_COOKIES['backend']}=r2"}) as client:
        answers = [client.get("/api/x") for _ in range(5)]

    assert {a.headers[RELEASE_HEADER] for a in answers} == {"r1"}
    assert [a.headers.get("set-cookie") for a in answers] == [None] * 5


# chosen users first


@pytest.mark.parametrize(
    ("audience", "headers"),
    [
        (Audience(kind="header", name="x-group", value="testers"), {"x-group": "testers"}),
        (TESTERS, {"cookie": f"a=b; group=testers; {STICKY_COOKIES['backend']}=r1"}),
    ],
    ids=["header", "cookie"],
)
@pytest.mark.parametrize("blue", [100, 50, 1])
def test_an_audience_comes_to_its_slot_whatever_the_weights_are(
    edge: Edge, audience: Audience, headers: dict[str, str], blue: int
) -> None:
    edge.declare(with_slot(weighted(blue), "green", audience=audience))
    with edge.client() as client:
        assert served(client, 10, headers=headers) == {"r2"}
        assert served(client, 1, headers={**headers, SLOT_HEADER: "blue"}) == {"r1"}
        if blue == 100:
            assert served(client, 10) == {"r1"}
            other = {name: value.replace("testers", "others") for name, value in headers.items()}
            assert served(client, 10, headers=other) == {"r1"}


def test_an_audience_of_a_slot_without_replicas_is_served_by_the_others(edge: Edge) -> None:
    edge.declare(with_slot(weighted(100), "green", audience=TESTERS, replicas=0))
    with edge.client() as client:
        assert served(client, 5, headers={"cookie": "group=testers"}) == {"r1"}


# the way back at once


def known(edge: Edge) -> dict[str, object]:
    folder = edge.folder / "envoy"
    return {
        outputs.EDGE_TABLE: str(folder / "routes.json"),
        outputs.EDGE_STANDBY: str(folder / "standby" / "routes.json"),
        outputs.EDGE_STATISTICS_URL: f"http://127.0.0.1:{edge.ports['admin']}",
    }


def stand_by(edge: Edge, state: DesiredState) -> None:
    returned = way_back(state)
    assert returned is not None
    file = Path(str(known(edge)[outputs.EDGE_STANDBY]))
    file.parent.mkdir(exist_ok=True)
    file.write_text(document("routes", encoded([routes(slot_routes(returned, edge.ports))])))


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
def test_all_traffic_goes_back_at_once_on_connections_that_are_kept_alive(
    edge: Edge, http2: bool
) -> None:
    state = rolling_out(with_slot(weighted(0), "green", audience=TESTERS))
    edge.declare(state)
    stand_by(edge, state)
    sticky = {"cookie": f"group=testers; {STICKY_COOKIES['backend']}=r2"}
    with edge.client(http2=http2, limits=httpx.Limits(max_connections=1)) as client:
        assert served(client, headers=sticky) == {"r2"}
        before = connections(edge)

        assert traffic.divert(known(edge), Patient())

        assert served(client, 20, headers=sticky) == {"r1"}
        assert served(client, 5, path="/page", headers=sticky) == {"r1"}
        assert served(client, headers={SLOT_HEADER: "green"}) == {"r2"}, "it can be looked at"
        assert connections(edge) == before
        assert client.get("/api/x").http_version == ("HTTP/2" if http2 else "HTTP/1.1")


def connections(edge: Edge) -> int:
    return int(edge.admin("/stats?filter=^http.public.downstream_cx_total$").text.split(": ")[1])


def test_what_was_declared_is_seen_to_have_changed_and_is_written_again(edge: Edge) -> None:
    state = rolling_out(weighted(20))
    edge.declare(state)
    declared = edge.props("routes", [routes(slot_routes(state, edge.ports))])
    assert not PROVIDER.diff("", declared, declared).changes
    stand_by(edge, state)
    assert traffic.divert(known(edge), Patient())

    assert PROVIDER.diff("", declared, declared).changes, "by an update without a refresh"
    seen = PROVIDER.read("id", declared).outs
    assert PROVIDER.diff("", seen, declared).changes, "and by one with"
    PROVIDER.update("", seen, declared)

    assert not PROVIDER.diff("", declared, declared).changes
    with edge.client() as client:
        assert served(client, 60) == {"r1", "r2"}


def test_without_a_table_on_standby_or_an_answer_nothing_is_claimed(edge: Edge) -> None:
    found = known(edge)
    Path(str(found[outputs.EDGE_STANDBY])).unlink(missing_ok=True)
    assert not traffic.divert(found, SystemClock())
    assert not traffic.divert({}, SystemClock())

    stand_by(edge, rolling_out(weighted(20)))
    assert not traffic.divert(
        {**found, outputs.EDGE_STATISTICS_URL: "http://127.0.0.1:1"}, SystemClock()
    )


# a failure that can be counted


def test_a_request_that_is_to_fail_is_counted_as_its_slots_and_reaches_nobody(
    edge: Edge, replicas: dict[str, Web]
) -> None:
    asked = {name: len(web.asked) for name, web in replicas.items()}
    before = {cluster: errors(edge, cluster) for cluster in SLOTS}
    fail = {SLOT_HEADER: "green", PROBE_HEADER: outputs.PROBE_FAILS}
    with edge.client() as client:
        answers = [client.get("/api/x", headers=fail).status_code for _ in range(3)]
        assert client.get("/api/x", headers={**fail, PROBE_HEADER: "1"}).status_code == 200
        assert client.post("/page", headers=fail).status_code == 503

    assert answers == [503] * 3
    grown = {cluster: errors(edge, cluster) - before[cluster] for cluster in SLOTS}
    assert grown == {**dict.fromkeys(SLOTS, 0), "backend_green": 3, "frontend_green": 1}
    reached = [
        each.path
        for name, web in replicas.items()
        for each in web.asked[asked[name] :]
        if each.headers[PROBE_HEADER] == outputs.PROBE_FAILS
    ]
    assert reached == []
    assert edge.healthy("backend_green") == 2, "no replica pays for it"


def errors(edge: Edge, cluster: str) -> int:
    line = edge.admin(f"/stats?filter=^cluster.{cluster}.upstream_rq_5xx$").text.strip()
    return int(line.split(": ")[1]) if line else 0


def test_response_times_are_counted_finely(edge: Edge) -> None:
    found = edge.admin(
        "/stats?format=json&histogram_buckets=disjoint&filter=backend_blue.upstream_rq_time$"
    ).json()
    (times,) = found["stats"][0]["histograms"]
    bounds = [each["upper_bound"] for each in times["buckets"]]

    assert (bounds[0], bounds[-1]) == (1, 60_000)
    assert all(b <= 2 * a for a, b in itertools.pairwise(bounds))
    assert all(b <= 1.6 * a for a, b in itertools.pairwise(bounds) if a >= 5)


# nothing is lost


def test_a_read_goes_to_another_replica_where_one_hangs_up_and_a_change_does_not(
    edge: Edge, replicas: dict[str, Web]
) -> None:
    ready = answering("backend-blue-1")
    replicas["backend-blue-1"].respond = lambda a: ready(a) if a.path == "/ready" else HANG_UP
    with edge.client() as client:
        assert {client.get("/api/x").status_code for _ in range(10)} == {200}
        assert {client.head("/api/x").status_code for _ in range(10)} == {200}
        edge.declare(with_slot(STATE, "blue", replicas=1))
    asked = len(replicas["backend-blue-0"].asked)
    only = with_only(replicas, "backend-blue-0")
    with edge.client() as client:
        assert client.post("/api/once").status_code == 503
    assert [a.path for a in only.asked[asked:] if a.method == "POST"] == ["/api/once"], "once"


def with_only(replicas: dict[str, Web], name: str) -> Web:
    ready = answering(name)
    replicas[name].respond = lambda asked: ready(asked) if asked.path == "/ready" else HANG_UP
    return replicas[name]


def test_what_never_arrived_is_sent_again_whatever_it_is(edge: Edge) -> None:
    kept = edge.ports["backend-blue-1"]
    with Web(answering("gone")) as gone:
        edge.ports["backend-blue-1"] = gone.port
        edge.declare(STATE)
        edge.await_healthy("backend_blue", 2)
    # it is gone, and the next check of its health is up to a second away
    try:
        with edge.client() as client:
            assert {client.post("/api/x").status_code for _ in range(20)} == {200}
    finally:
        edge.ports["backend-blue-1"] = kept


def test_a_new_replica_gets_nothing_before_it_is_ready_however_few_others_there_are(
    edge: Edge, replicas: dict[str, Web]
) -> None:
    edge.declare(with_slot(STATE, "blue", replicas=1))
    edge.await_healthy("backend_blue", 1)
    starting = replicas["backend-blue-1"]
    asked = len(starting.asked)
    starting.respond = lambda _asked: Reply(503)
    # one that listens, and several of which nothing is there yet: most are not ready
    edge.ports.update({f"backend-blue-{index}": 1 for index in (2, 3)})

    edge.declare(only_backend(with_slot(STATE, "blue", replicas=4)))
    with edge.client() as client:
        assert {client.get("/api/x").status_code for _ in range(50)} == {200}
        assert {each.path for each in starting.asked[asked:]} == {"/ready"}
        starting.respond = answering("backend-blue-1")
        edge.await_healthy("backend_blue", 2)
        found = {client.get("/api/x").json()["replica"] for _ in range(50)}
    assert found == {"backend-blue-0", "backend-blue-1"}


def only_backend(state: DesiredState) -> DesiredState:
    return state.with_service("frontend", STATE.frontend)


def test_where_no_replica_is_ready_requests_are_still_tried(
    edge: Edge, replicas: dict[str, Web]
) -> None:
    for index in range(2):
        name = f"backend-blue-{index}"
        answer = answering(name)
        replicas[name].respond = lambda a, answer=answer: (
            Reply(503) if a.path == "/ready" else answer(a)
        )
    edge.await_healthy("backend_blue", 0)
    with edge.client() as client:
        assert {client.get("/api/x").status_code for _ in range(10)} == {200}


def test_what_a_removed_replica_is_busy_with_is_finished(
    edge: Edge, replicas: dict[str, Web]
) -> None:
    leaving, go = replicas["backend-blue-1"], threading.Event()

    def slow(name: str) -> Callable[[Asked], Reply | None]:
        answer = answering(name)

        def respond(asked: Asked) -> Reply | None:
            if asked.path.startswith("/api/slow"):
                go.wait(30)
            return answer(asked)

        return respond

    for name in ("backend-blue-0", "backend-blue-1"):
        replicas[name].respond = slow(name)
    found: list[httpx.Response] = []

    def ask() -> None:
        with edge.client(timeout=60) as client:
            found.append(client.post("/api/slow"))

    asking: list[threading.Thread] = []

    def busy(name: str) -> bool:
        return any(each.path == "/api/slow" for each in replicas[name].asked)

    while not (busy("backend-blue-0") and busy("backend-blue-1")):
        assert len(asking) < 100, "Envoy prefers the replica with fewer requests under way"
        asking.append(threading.Thread(target=ask))
        asking[-1].start()
        go.wait(0.1)
    edge.declare(with_slot(STATE, "blue", replicas=1))
    count = len(leaving.asked)
    with edge.client() as client:
        assert {client.get("/api/x").json()["replica"] for _ in range(30)} == {"backend-blue-0"}
    assert [a.path for a in leaving.asked[count:] if a.path != "/ready"] == []
    go.set()
    for thread in asking:
        thread.join(60)

    assert [answer.status_code for answer in found] == [200] * len(asking)
    assert "backend-blue-1" in {answer.json()["replica"] for answer in found}


def test_a_steady_load_loses_nothing_while_replicas_come_and_go(edge: Edge, tmp_path: Path) -> None:
    kept = dict(edge.ports)
    seen: Counter[str] = Counter()
    done = threading.Event()

    def load(method: str) -> None:
        with edge.client() as client:
            while not done.is_set():
                try:
                    seen[str(client.request(method, "/api/x").status_code)] += 1
                except httpx.HTTPError as error:
                    seen[repr(error)] += 1

    threads = [threading.Thread(target=load, args=(m,)) for m in ("GET", "GET", "POST", "POST")]
    for thread in threads:
        thread.start()
    try:
        for turn in range(6):
            name = f"backend-blue-{turn % 2}"
            with Web(answering(name)) as passing:
                edge.ports[name] = passing.port
                edge.declare(weighted(50 if turn % 3 else 100))
                edge.await_healthy("backend_blue", 2)
                reached = sum(seen.values())
                while sum(seen.values()) < reached + 100:
                    done.wait(0.01)
                # first unknown to the load balancer, then stopped
                edge.ports[name] = kept[name]
                edge.declare(weighted(100))
    finally:
        done.set()
        for thread in threads:
            thread.join(20)
        edge.ports.update(kept)

    assert seen.keys() == {"200"}, seen
