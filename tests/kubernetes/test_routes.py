"""Every form of the routes, before a real API server."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.contract.desired import Audience, DesiredState, Slot, Slots
from components.load_balancer.gateway_routes import backend_slots, rules
from components.load_balancer.gateway_specs import gateway, parent, redirect
from tests.components.clusters import released
from tests.components.examples import live
from tests.doubles.kubernetes.client import Client
from tests.doubles.kubernetes.server import ApiServer

pytestmark = [pytest.mark.integration, pytest.mark.long]
SERVICES: Any = {"blue": "backend-blue", "green": "backend-green"}
HOST = "api.shop.example.com"
VERSION = "gateway.networking.k8s.io/v1"


@pytest.fixture(scope="module")
def client(api_server: ApiServer) -> Iterator[Client]:
    with api_server.client() as opened:
        named = {"name": "every-route"}
        opened.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": named})
        yield opened


def taken(client: Client, kind: str, spec: dict[str, Any]) -> None:
    about = {"name": "one", "namespace": "every-route"}
    made = {"apiVersion": VERSION, "kind": kind, "metadata": about, "spec": spec}
    client.apply(made, dry_run=True)


@pytest.mark.parametrize("weights", [(0, 0), (100, 0), (95, 5), (0, 100)])
@pytest.mark.parametrize("strip", [False, True])
@pytest.mark.parametrize("routes", [("/", "/"), ("/api", "/api"), ("/api", "/v2")])
@pytest.mark.parametrize("kind", ["header", "cookie"])
def test_it_is_taken(
    client: Client, weights: tuple[int, int], strip: bool, routes: tuple[str, str], kind: Any
) -> None:
    one, other = (
        released(f"1.0.{n}+b", route=route, strip_route=strip) for n, route in enumerate(routes)
    )
    audience = Audience(kind=kind, name="beta", value="yes")
    slots = Slots(
        blue=Slot(release=one.id, replicas=2, weight=weights[0]),
        green=Slot(release=other.id, replicas=2, weight=weights[1], audience=audience),
    )
    state = DesiredState(**{**dict(live(one, other)), "backend": slots})

    for sticky in (True, False):
        table = rules(backend_slots(state, SERVICES), sticky=sticky)
        where = [parent("backend", "https")]
        taken(client, "HTTPRoute", {"parentRefs": where, "hostnames": [HOST], "rules": table})


def test_nothing_live_is_taken(client: Client) -> None:
    where = [parent("edge/public/https")]
    taken(client, "HTTPRoute", {"parentRefs": where, "rules": rules([], sticky=True)})


def test_the_gateway_and_the_way_to_https_are_taken(client: Client) -> None:
    taken(client, "Gateway", gateway("envoy", HOST, "backend-tls"))
    taken(client, "HTTPRoute", redirect(HOST, parent("backend", "http")))
