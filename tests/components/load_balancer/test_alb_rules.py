"""Which slot answers for which request, as a load balancer at AWS is told."""

import re
from typing import Any

import pytest

from components.contract.desired import Audience, DesiredState
from components.load_balancer import alb_rules
from tests.components.examples import backend, live, release

GROUPS: dict[Any, str] = {"blue": "arn:blue", "green": "arn:green"}


def state(blue: int = 100, *, other: Any = None, **artifact: Any) -> DesiredState:
    """Return a state with two releases, of which the first has so much of the traffic."""
    first, second = backend(**artifact), backend(**(artifact if other is None else other))
    both = live(release("r1", backend=first), release("r2", backend=second))
    return both.with_service("backend", both.backend.with_weights(blue=blue, green=100 - blue))


def with_audience(kind: Any, known: DesiredState) -> DesiredState:
    who = Audience(kind=kind, name="beta", value="yes.1")
    slot = known.backend.green.model_copy(update={"audience": who})
    return known.with_service("backend", known.backend.with_slot("green", slot))


def paths(rule: dict[str, Any]) -> list[str]:
    return next(c["pathPattern"]["values"] for c in rule["conditions"] if "pathPattern" in c)


def weights(rule: dict[str, Any]) -> dict[str, int]:
    groups = rule["actions"][0]["forward"]["targetGroups"]
    return {each["arn"]: each["weight"] for each in groups}


def test_everybody_is_split_by_the_weights_and_never_kept_with_a_slot() -> None:
    rule = alb_rules.everybody(state(95), GROUPS)

    assert weights(rule) == {"arn:blue": 95, "arn:green": 5}
    assert "stickiness" not in rule["actions"][0]["forward"]


def test_where_nothing_is_live_there_is_no_group_with_weight_0_alone() -> None:
    rule = alb_rules.everybody(DesiredState(), GROUPS)

    assert rule["actions"][0]["fixedResponse"]["statusCode"] == "503"
    assert paths(rule) == ["/*"]


def test_who_names_a_slot_gets_it_whatever_the_weights_are() -> None:
    rule = alb_rules.named(state(100), "green", GROUPS)

    assert weights(rule) == {"arn:green": 1}
    assert rule["conditions"][0]["httpHeader"] == {
        "httpHeaderName": "x-slipway-slot",
        "values": ["green"],
    }


def test_an_audience_known_by_a_header_gets_its_slot() -> None:
    rule = alb_rules.audience(with_audience("header", state(100)), GROUPS)

    assert weights(rule) == {"arn:green": 1}
    assert rule["conditions"][0]["httpHeader"] == {"httpHeaderName": "beta", "values": ["yes.1"]}


@pytest.mark.parametrize(
    ("cookie", "chosen"),
    [
        ("beta=yes.1", True),
        ("a=b; beta=yes.1", True),
        ("a=b;beta=yes.1; c=d", True),
        ("beta=yes.12", False),
        ("alphabeta=yes.1", False),
        ("beta=yesx1", False),
    ],
)
def test_an_audience_known_by_a_cookie_is_found_among_others(cookie: str, chosen: bool) -> None:
    rule = alb_rules.audience(with_audience("cookie", state(100)), GROUPS)
    header = rule["conditions"][0]["httpHeader"]

    assert header["httpHeaderName"] == "Cookie"
    assert bool(re.search(header["regexValues"][0], cookie)) is chosen


def test_without_an_audience_its_rule_stays_the_same_through_a_rollout() -> None:
    assert alb_rules.audience(state(100), GROUPS) == alb_rules.audience(state(5), GROUPS)
    assert alb_rules.audience(state(5), GROUPS)["actions"][0]["type"] == "fixed-response"


def test_the_backends_route_and_health_are_public_and_its_metrics_are_not() -> None:
    rule = alb_rules.everybody(state(100, metrics_path="/metrics"), GROUPS)

    assert paths(rule) == ["/api", "/api/*", "/ready", "/health"]


@pytest.mark.parametrize(
    ("artifact", "expected"),
    [
        ({"route": "/"}, ["/*"]),
        ({"route": "/api", "health_path": "/api/health", "ready_path": None}, ["/api", "/api/*"]),
    ],
)
def test_a_path_below_the_route_needs_no_place_of_its_own(
    artifact: dict[str, Any], expected: list[str]
) -> None:
    assert paths(alb_rules.everybody(state(100, **artifact), GROUPS)) == expected


def test_slots_with_other_paths_are_both_reached_while_both_have_traffic() -> None:
    moved = {"route": "/v2", "health_path": "/health", "ready_path": None}
    first = {"route": "/api", "health_path": "/health", "ready_path": None}

    rule = alb_rules.everybody(state(50, other=moved, **first), GROUPS)
    assert {*paths(rule)} == {"/api", "/api/*", "/health", "/v2", "/v2/*"}


def test_more_paths_than_a_rule_takes_are_refused_with_what_to_do() -> None:
    other = {"route": "/v2", "health_path": "/v2-health", "ready_path": "/v2-ready"}

    with pytest.raises(ValueError, match="let the backend's releases share their `route`"):
        alb_rules.everybody(state(50, other=other), GROUPS)


@pytest.mark.parametrize(
    ("asked", "served"),
    [("/api", "/"), ("/api/", "/"), ("/api/todos?a=/api", "/todos?a=/api"), ("/ready", "/ready")],
)
def test_a_route_is_taken_off_where_the_backend_does_not_know_it(asked: str, served: str) -> None:
    rule = alb_rules.everybody(state(100, strip_route=True), GROUPS)
    rewrite = rule["transforms"][0]["urlRewriteConfig"]["rewrite"]

    found = re.sub(rewrite["regex"], rewrite["replace"].replace("$1", r"\1"), asked)
    assert found == served


def test_otherwise_nothing_is_rewritten() -> None:
    assert alb_rules.everybody(state(100), GROUPS)["transforms"] == []


def test_a_health_path_that_would_be_rewritten_is_refused() -> None:
    with pytest.raises(ValueError, match="/api/health would be asked for without /api"):
        alb_rules.everybody(state(100, strip_route=True, health_path="/api/health"), GROUPS)


def test_an_idle_slot_is_asked_for_its_health_where_the_other_one_is() -> None:
    known = live(release("r1", backend=backend(ready_path=None, drain_seconds=45)))

    assert alb_rules.health_path(known, "green") == "/health"
    assert alb_rules.drain_seconds(known, "green") == 45
    assert alb_rules.health_path(DesiredState(), "green") == "/"
    assert alb_rules.drain_seconds(DesiredState(), "green") == 20
