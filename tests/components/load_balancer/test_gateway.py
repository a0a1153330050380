"""What the program declares of a Gateway, and which slot its routes lead to."""

import re
from typing import Any

import pytest

from components.contract import outputs
from components.contract.desired import Audience, DesiredState, Slot, Slots
from components.load_balancer.gateway_routes import Spec, backend_slots, rules
from tests.components.clusters import declared, released
from tests.components.examples import live
from tests.doubles.program import Declared

ROUTE, GATEWAY = "application-load-balancer-route", "application-load-balancer-gateway"
SERVICES: Any = {"blue": "backend-blue", "green": "backend-green"}


def state(blue: int, green: int = 0, **changes: Any) -> DesiredState:
    """Return a state with two releases that run and the weights of the backend's slots."""
    both = live(released("1.0.0-aa"), released("1.0.0+b-bb", **changes))
    slots = Slots(
        blue=Slot(release="1.0.0-aa", replicas=2, weight=blue),
        green=Slot(
            release="1.0.0+b-bb",
            replicas=2,
            weight=green,
            audience=Audience(kind="header", name="x-beta", value="yes"),
        ),
    )
    return DesiredState(**{**dict(both), "backend": slots})


def table(blue: int, green: int = 0, *, sticky: bool = True, **changes: Any) -> list[Spec]:
    return rules(backend_slots(state(blue, green, **changes), SERVICES), sticky=sticky)


def answering(found: list[Spec], path: str, headers: dict[str, str] | None = None) -> list[Spec]:
    """Return the backends of the rule that takes a request, by the Gateway API's precedence."""
    taking = []
    for index, rule in enumerate(found):
        for match in rule["matches"]:
            where = match["path"]
            exact = where["type"] == "Exact" and path == where["value"]
            below = where["type"] == "PathPrefix" and (
                where["value"] == "/" or f"{path}/".startswith(f"{where['value']}/")
            )
            wanted = match.get("headers", [])
            if (exact or below) and all(_has(each, headers or {}) for each in wanted):
                taking.append((exact, len(where["value"]), len(wanted), -index))
    return found[-max(taking)[3]].get("backendRefs", []) if taking else []


def _has(wanted: Spec, headers: dict[str, str]) -> bool:
    given = headers.get(wanted["name"].lower(), "")
    if wanted["type"] == "RegularExpression":
        return re.fullmatch(wanted["value"], given) is not None
    return bool(given == wanted["value"])


def names(backends: list[Spec]) -> dict[str, int]:
    return {each["name"]: each["weight"] for each in backends}


def test_traffic_is_split_by_weight() -> None:
    assert names(answering(table(75, 25), "/api/items")) == {
        "backend-blue": 75,
        "backend-green": 25,
    }


def test_no_backend_is_alone_with_weight_zero() -> None:
    for weights in ((100, 0), (0, 100), (50, 50)):
        for rule in table(*weights):
            assert sum(each["weight"] for each in rule["backendRefs"]) > 0
            assert all(each["weight"] for each in rule["backendRefs"])


@pytest.mark.parametrize("path", ["/api", "/api/items", "/health", "/ready"])
def test_a_slot_that_a_request_names_answers_whatever_the_weights_are(path: str) -> None:
    found = table(100)

    assert names(answering(found, path, {"x-slipway-slot": "green"})) == {"backend-green": 1}
    assert names(answering(found, path)) == {"backend-blue": 1}


def test_an_audience_comes_before_the_weights_and_after_the_slot_that_is_named() -> None:
    beta = {"x-beta": "yes"}

    assert names(answering(table(100), "/api", beta)) == {"backend-green": 1}
    named = {**beta, "x-slipway-slot": "blue"}
    assert names(answering(table(100), "/api", named)) == {"backend-blue": 1}


def test_a_browser_stays_with_its_release_while_two_have_traffic() -> None:
    found = table(50, 50)
    (blue, green) = answering(found, "/api")
    (told,) = green["filters"][0]["responseHeaderModifier"]["add"]
    cookie = told["value"].partition(";")[0]

    assert told["name"] == "Set-Cookie"
    assert "HttpOnly; Secure" in told["value"]
    for header in (cookie, f"theme=dark; {cookie}", f"{cookie}; theme=dark"):
        assert names(answering(found, "/api", {"cookie": header})) == {"backend-green": 1}
    for other in (f"x{cookie}", f"{cookie}x", "theme=dark"):
        assert len(answering(found, "/api", {"cookie": other})) == 2
    assert "add" not in answering(table(100), "/api")[0]["filters"][0]["responseHeaderModifier"]
    assert "add" in blue["filters"][0]["responseHeaderModifier"]


def test_without_regular_expressions_there_are_no_cookies() -> None:
    found = table(50, 50, sticky=False)

    assert "Cookie" not in str(found)
    assert names(answering(found, "/api")) == {"backend-blue": 50, "backend-green": 50}


def test_an_answer_names_its_release() -> None:
    for backend in answering(table(50, 50), "/api"):
        (header,) = backend["filters"][0]["responseHeaderModifier"]["set"]
        released_as = {"backend-blue": "1.0.0-aa", "backend-green": "1.0.0+b-bb"}
        assert (header["name"], header["value"]) == (
            "x-slipway-release",
            released_as[backend["name"]],
        )


def test_a_route_that_is_stripped_is_taken_off_below_it_only() -> None:
    both = live(released("1-a", strip_route=True))
    found = rules(backend_slots(both, SERVICES), sticky=True)

    rewritten = [rule for rule in found if "filters" in rule]
    assert rewritten
    for rule in found:
        prefixes = {match["path"]["type"] for match in rule["matches"]}
        assert prefixes == ({"PathPrefix"} if rule in rewritten else {"Exact"})
    replaced = rewritten[0]["filters"][0]["urlRewrite"]["path"]
    assert replaced == {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}


def test_metrics_are_not_for_the_public() -> None:
    found = table(100, metrics_path="/metrics")

    assert answering(found, "/metrics") == []


def test_a_path_below_the_route_needs_no_rule_of_its_own() -> None:
    found = rules(backend_slots(live(released("1-a", route="/")), SERVICES), sticky=True)

    assert {match["path"]["value"] for rule in found for match in rule["matches"]} == {"/"}


def test_while_nothing_is_live_every_request_is_answered_with_an_error() -> None:
    (rule,) = rules([], sticky=True)

    assert "backendRefs" not in rule


def test_the_rules_are_no_more_than_the_api_takes() -> None:
    blue, green = (
        released("1-a", route="/api", strip_route=True),
        released("2-b", route="/v2", strip_route=True),
    )
    both = live(blue, green)
    slots = Slots(
        blue=Slot(release="1-a", replicas=1, weight=50),
        green=Slot(release="2-b", replicas=1, weight=50),
    )
    found = rules(
        backend_slots(DesiredState(**{**dict(both), "backend": slots}), SERVICES), sticky=True
    )

    assert len(found) <= 16
    assert all(len(rule["matches"]) <= 64 for rule in found)


@pytest.fixture(scope="module")
def running() -> Declared:
    return declared(live(released()))


def test_the_gateway_answers_to_one_host_and_sends_http_on_to_https(running: Declared) -> None:
    spec = running.inputs[GATEWAY]["spec"]
    redirect = running.inputs["application-load-balancer-redirect"]["spec"]

    assert spec["gatewayClassName"] == "eg"
    assert {(each["protocol"], each["port"]) for each in spec["listeners"]} == {
        ("HTTP", 80),
        ("HTTPS", 443),
    }
    assert {each["hostname"] for each in spec["listeners"]} == {"api.shop.example.com"}
    assert redirect["parentRefs"][0]["sectionName"] == "http"
    assert running.inputs[ROUTE]["spec"]["parentRefs"][0]["sectionName"] == "https"
    (filtered,) = redirect["rules"][0]["filters"]
    assert filtered["requestRedirect"] == {"scheme": "https", "statusCode": 301}


def test_a_gateway_that_exists_is_used_and_not_made() -> None:
    found = declared(
        live(released()), kubernetes_gateway_class="", kubernetes_gateway="edge/public/https"
    )

    assert GATEWAY not in found.types()
    (where,) = found.inputs[ROUTE]["spec"]["parentRefs"]
    assert (where["namespace"], where["name"], where["sectionName"]) == ("edge", "public", "https")


def test_services_are_there_before_the_route_that_leads_to_them(running: Declared) -> None:
    for slot in ("blue", "green"):
        service = f"application-load-balancer-service-{slot}"
        assert service in running.dependencies[ROUTE]
        ports = running.inputs[service]["spec"]["ports"]
        assert [(each["port"], each["targetPort"]) for each in ports] == [(80, "http")]
        pods = running.inputs[f"application-backend-{slot}"]["spec"]["template"]["metadata"]
        wanted = running.inputs[service]["spec"]["selector"]
        assert wanted.items() <= pods["labels"].items()


def test_the_driver_reads_the_numbers_of_slots_from_prometheus() -> None:
    found = declared(live(released()), prometheus_url="https://prometheus.example")

    told = "https://prometheus.example?app=todo&env=staging"
    assert found.outputs[outputs.EDGE_STATISTICS_URL] == told
    assert found.outputs[outputs.CA_CERTIFICATE] is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"domain": "", "certificate_platform": "local"}, "set slipway:domain or"),
        ({"kubernetes_gateway_class": ""}, "slipway:kubernetesGatewayClass"),
        ({"kubernetes_gateway": "edge/public"}, "needs one of"),
        ({"kubernetes_gateway_class": "", "kubernetes_gateway": "a//b"}, "namespace/name/listener"),
        ({"certificate_platform": "local"}, "slipway:certificatePlatform cert_manager"),
    ],
)
def test_what_is_missing_is_named_by_its_key(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        declared(live(released()), **changes)
