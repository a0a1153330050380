"""The rules of an Application Load Balancer: which slot answers for which request. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from components.contract.desired import SLOTS, Audience, DesiredState, SlotName
from components.contract.outputs import SLOT_HEADER
from components.contract.release import Artifact

VALUES = 5
"""That one rule may ask for, all its conditions together."""
NOTHING_LIVE = "nothing is live here\n"
NOT_HERE = "not here\n"
NOBODY = ("x-slipway-audience", "none")
"""Stands for the audience where there is none, so that its rule need not come and go."""
Part = dict[str, Any]


def named(state: DesiredState, slot: SlotName, groups: Mapping[SlotName, str]) -> Part:
    """Return the rule of requests that name the slot: it has them whatever the weights are."""
    asked = _header(SLOT_HEADER, slot)
    return _rule(state, [slot], [asked], forward({slot: 1}, groups))


def audience(state: DesiredState, groups: Mapping[SlotName, str]) -> Part:
    """Return the rule of chosen users. Without any it is there all the same, for nobody."""
    for slot in SLOTS:
        held = state.backend.slot(slot)
        if held.audience is not None and held.replicas:
            action = forward({slot: 1}, groups)
            return _rule(state, [slot], [_chosen(held.audience)], action)
    return _rule(state, [], [_header(*NOBODY)], answer(404, NOT_HERE))


def everybody(state: DesiredState, groups: Mapping[SlotName, str]) -> Part:
    """Return the rule that splits the traffic by the slots' weights."""
    return _rule(state, _serving(state), [], _shares(state, groups))


def forward(weights: Mapping[SlotName, int], groups: Mapping[SlotName, str]) -> Part:
    """Return the action that hands requests on.

    Never with stickiness of the groups: it outlives a change of the weights, so that users would
    stay with a release that is gone.
    """
    shares = [{"arn": groups[slot], "weight": weight} for slot, weight in weights.items()]
    return {"type": "forward", "forward": {"targetGroups": shares}}


def answer(status: int, text: str) -> Part:
    """Return the action that answers by itself."""
    fixed = {"contentType": "text/plain", "statusCode": str(status), "messageBody": text}
    return {"type": "fixed-response", "fixedResponse": fixed}


def health_path(state: DesiredState, slot: SlotName) -> str:
    """Return where the load balancer asks a slot's replicas whether they can serve."""
    artifact = _artifact(state, slot)
    return (artifact and (artifact.ready_path or artifact.health_path)) or "/"


def drain_seconds(state: DesiredState, slot: SlotName) -> int:
    """Return how long requests that a replica has begun may take once it is on its way out."""
    artifact = _artifact(state, slot)
    return artifact.drain_seconds if artifact else Artifact.model_fields["drain_seconds"].default


def _rule(
    state: DesiredState,
    slots: Iterable[SlotName],
    asked: list[Part],
    action: Part,
) -> Part:
    """Return a rule for the paths of these slots' releases; without any, for all paths."""
    artifacts = [found for slot in slots if (found := _artifact(state, slot))]
    taken = _paths(artifacts)
    if len(taken) + len(asked) > VALUES:
        raise ValueError(
            f"aws_alb: a rule takes {VALUES} values, and {', '.join(taken)} are {len(taken)} "
            "paths: let the backend's releases share their `route`, `health` and `ready`"
        )
    # The most of the traffic decides where slots differ: rewriting is the rule's.
    strip = artifacts[0].route if artifacts and artifacts[0].strip_route else "/"
    return {
        "conditions": [*asked, {"pathPattern": {"values": taken}}],
        "actions": [action],
        "transforms": [] if strip == "/" else [_without(strip)],
    }


def _paths(artifacts: Iterable[Artifact]) -> list[str]:
    """List the paths of a backend, never that of its metrics."""
    found: dict[str, None] = {}
    for each in artifacts:
        route = each.route.rstrip("/")
        beside = [path for path in (each.ready_path, each.health_path) if path]
        if each.strip_route and route:
            _check_beside(route, beside)
        below = [f"{route}/*"] if not route else [route, f"{route}/*"]
        outside = [path for path in beside if path != route and not path.startswith(f"{route}/")]
        found |= dict.fromkeys([*below, *outside])
    return [*found] or ["/*"]


def _check_beside(route: str, paths: Iterable[str]) -> None:
    for path in paths:
        if path.startswith(f"{route}/"):
            raise ValueError(
                f"aws_alb: {path} would be asked for without {route}, which is taken off "
                "(`strip_route`): name `health` and `ready` as the backend serves them"
            )


def _without(route: str) -> Part:
    rewrite = {"regex": f"^{re.escape(route)}/?(.*)$", "replace": "/$1"}
    return {"type": "url-rewrite", "urlRewriteConfig": {"rewrite": rewrite}}


def _serving(state: DesiredState) -> list[SlotName]:
    slots = state.backend
    serving = [slot for slot in SLOTS if slots.slot(slot).weight]
    return sorted(serving, key=lambda slot: -slots.slot(slot).weight)


def _shares(state: DesiredState, groups: Mapping[SlotName, str]) -> Part:
    weights = {slot: state.backend.slot(slot).weight for slot in SLOTS}
    return forward(weights, groups) if any(weights.values()) else answer(503, NOTHING_LIVE)


def _artifact(state: DesiredState, slot: SlotName) -> Artifact | None:
    """Return what a slot runs, else what the other one does: paths do not come and go."""
    other: SlotName = "green" if slot == "blue" else "blue"
    for each in (slot, other):
        release = state.releases.get(state.backend.slot(each).release or "")
        if release and release.backend:
            return release.backend
    return None


def _header(name: str, value: str) -> Part:
    return {"httpHeader": {"httpHeaderName": name, "values": [value]}}


def _chosen(who: Audience) -> Part:
    if who.kind == "header":
        return _header(who.name, who.value)
    # One cookie among others in their one header.
    pattern = f"^(.*;)? *{re.escape(who.name)}={re.escape(who.value)}(;.*)?$"
    return {"httpHeader": {"httpHeaderName": "Cookie", "regexValues": [pattern]}}
