"""The tables of a load balancer, read from what the plugins hold: HTTPRoutes, or rules of an ALB.

Nothing of the product's own code says here what a rule means.
"""

import fnmatch
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.values import at
from tests.doubles.world.requests import Answer, Request

ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
BINDINGS = "kubernetes:*:TargetGroupBinding"
HTTPS = 443


@dataclass(frozen=True)
class Share:
    """A Service of the cluster and its part of the traffic; what its answers are given."""

    service: str
    weight: int
    settled: dict[str, str] = field(default_factory=dict)
    added: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rule:
    """What a rule takes, and what becomes of it: shares of the traffic, or an answer."""

    takes: Callable[[Request], bool]
    shares: tuple[Share, ...] = ()
    answer: Answer | None = None
    rewritten: Callable[[str], str] = lambda path: path

    def chosen(self) -> Share | None:
        """Choose by weight; None where nobody has any."""
        weights = [share.weight for share in self.shares]
        return random.choices(self.shares, weights)[0] if any(weights) else None


def table(objects: Iterable[Object]) -> list[Rule]:
    """Return the rules in the order in which they are tried."""
    held = [*objects]
    return [*_gateway(held)] or [*_balancer(held)]


def hosts(objects: Iterable[Object]) -> set[str]:
    """Return the host names that a load balancer answers to over HTTPS."""
    found: set[str] = set()
    for each in objects:
        if each.type == ROUTE:
            found |= {*(at(each.inputs, "spec.hostnames") or ())}
    return found


def _of(objects: Iterable[Object], pattern: str) -> Iterator[Object]:
    return (each for each in objects if fnmatch.fnmatchcase(each.type, pattern))


# The Gateway API: https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule


def _gateway(objects: list[Object]) -> Iterator[Rule]:
    found: list[tuple[tuple[int, ...], Rule]] = []
    for route in _of(objects, ROUTE):
        for rule in at(route.inputs, "spec.rules") or ():
            if any(each["type"] == "RequestRedirect" for each in rule.get("filters") or ()):
                continue  # what came by HTTP
            matches: list[dict[str, Any]] = rule.get("matches") or [{}]
            for match in matches:
                found.append((_precedence(match, len(found)), _taken(match, rule)))
    yield from (rule for _, rule in sorted(found, key=lambda each: each[0]))


def _precedence(match: Mapping[str, Any], order: int) -> tuple[int, ...]:
    path = match.get("path") or {"type": "PathPrefix", "value": "/"}
    exact = path["type"] == "Exact"
    return (not exact, -len(path["value"]), -len(match.get("headers") or ()), order)


def _taken(match: Mapping[str, Any], rule: Mapping[str, Any]) -> Rule:
    path = match.get("path") or {"type": "PathPrefix", "value": "/"}
    headers = match.get("headers") or ()

    def takes(request: Request) -> bool:
        return _path(path, request.path) and all(_header(each, request) for each in headers)

    shares = tuple(_share(each) for each in rule.get("backendRefs") or ())
    error = Answer.text(500, "no backend") if not shares else None
    return Rule(takes, shares, error, _replacing(path["value"], rule.get("filters") or ()))


def _path(path: Mapping[str, str], asked: str) -> bool:
    value = path["value"]
    if path["type"] == "Exact":
        return asked == value
    return value == "/" or asked == value or asked.startswith(f"{value.rstrip('/')}/")


def _header(wanted: Mapping[str, str], request: Request) -> bool:
    given = request.headers.get(wanted["name"].lower())
    if given is None:
        return False
    if wanted.get("type") == "RegularExpression":
        return re.fullmatch(wanted["value"], given) is not None
    return given == wanted["value"]


def _share(backend: Mapping[str, Any]) -> Share:
    settled: dict[str, str] = {}
    added: list[tuple[str, str]] = []
    for each in backend.get("filters") or ():
        changed = each.get("responseHeaderModifier") or {}
        settled |= {h["name"]: h["value"] for h in changed.get("set") or ()}
        added += [(h["name"].lower(), h["value"]) for h in changed.get("add") or ()]
    weight = backend.get("weight")
    return Share(backend["name"], 1 if weight is None else weight, settled, tuple(added))


def _replacing(prefix: str, filters: Iterable[Mapping[str, Any]]) -> Callable[[str], str]:
    for each in filters:
        new = at(each, "urlRewrite.path.replacePrefixMatch")
        if new is not None:
            return lambda path: f"{new.rstrip('/')}/{path.removeprefix(prefix).lstrip('/')}"
    return lambda path: path


# Application Load Balancers: the rules of the listener for HTTPS by priority, then its default.


def _balancer(objects: list[Object]) -> Iterator[Rule]:
    services = {
        at(each.inputs, "spec.targetGroupARN"): at(each.inputs, "spec.serviceRef.name")
        for each in _of(objects, BINDINGS)
    }
    for listener in _of(objects, LISTENER):
        if listener.inputs.get("port") != HTTPS:
            continue
        rules = [r for r in _of(objects, RULE) if r.inputs["listenerArn"] == listener.id]
        for rule in sorted(rules, key=lambda each: each.outputs["priority"]):
            yield _ruled(rule.inputs, services)
        for action in listener.inputs["defaultActions"]:
            yield Rule(lambda _: True, _shares(action, services), _fixed(action))


def _ruled(inputs: Mapping[str, Any], services: Mapping[str, str]) -> Rule:
    conditions = inputs["conditions"]
    action = inputs["actions"][-1]

    def takes(request: Request) -> bool:
        return all(_holds(each, request) for each in conditions)

    return Rule(
        takes, _shares(action, services), _fixed(action), _transforming(inputs.get("transforms"))
    )


def _holds(condition: Mapping[str, Any], request: Request) -> bool:
    paths, header = condition.get("pathPattern"), condition.get("httpHeader")
    if paths:
        return any(fnmatch.fnmatchcase(request.path, each) for each in paths["values"])
    if header:
        given = request.headers.get(header["httpHeaderName"].lower())
        if given is None:
            return False
        plain, regular = header.get("values") or (), header.get("regexValues") or ()
        return any(fnmatch.fnmatchcase(given.lower(), each.lower()) for each in plain) or any(
            re.search(each, given) for each in regular
        )
    raise ValueError(f"a condition that this double does not know: {condition}")


def _shares(action: Mapping[str, Any], services: Mapping[str, str]) -> tuple[Share, ...]:
    groups = at(action, "forward.targetGroups") or ()
    return tuple(Share(services.get(g["arn"], ""), g.get("weight", 1)) for g in groups)


def _fixed(action: Mapping[str, Any]) -> Answer | None:
    fixed = action.get("fixedResponse")
    return Answer.text(int(fixed["statusCode"]), fixed.get("messageBody", "")) if fixed else None


def _transforming(transforms: Any) -> Callable[[str], str]:
    for each in transforms or ():
        rewrite = at(each, "urlRewriteConfig.rewrite")
        if rewrite:
            new = re.sub(r"\$(\d)", r"\\\1", rewrite["replace"])
            return lambda path: re.sub(rewrite["regex"], new, path)
    return lambda path: path
