"""The route table: which slot answers for which request."""

import re
from collections.abc import Iterator
from typing import Any

from components.contract.outputs import RELEASE_HEADER
from components.load_balancer.envoy import matches, retries
from components.load_balancer.envoy.clusters import NOWHERE
from components.load_balancer.envoy.matches import Match
from components.load_balancer.envoy.slots import SlotRoute, asset_cluster_name, cluster_name

REQUEST_SECONDS = 60
NOTHING_LIVE = "nothing is live here\n"
Route = dict[str, Any]


def routes(slots: list[SlotRoute]) -> dict[str, Any]:
    """Return the route table. The first that takes a request has it: longer paths come first.

    For each path, a slot that the request names comes before the audiences, these before the
    release that served the browser last, and this before the weights.
    """
    table: list[Route] = []
    for path in sorted({slot["route"] for slot in slots}, key=lambda path: (-len(path), path)):
        there = [slot for slot in slots if slot["route"] == path]
        serving = [slot for slot in there if slot["weight"]]
        match = matches.path(path)
        table += _named(match, there)
        for prefix in sorted({prefix for slot in serving for prefix in slot["assets"]}):
            # anything else than reading is for the application
            files = matches.safe(matches.path(prefix))
            table += [_files(m, held) for m, held, _ in _chosen(files, there, serving)]
        for chosen, held, cookies in _chosen(match, there, serving):
            table += _forward(chosen, held, cookies=cookies)
        # A service whose live release has another route leaves this path to the others.
        if not serving and not _is_live({slot["service"] for slot in there}, slots):
            table.append(_nothing(match))
    everything = {
        "name": "application",
        "domains": ["*"],
        "routes": table or [_nothing({"prefix": "/"})],
    }
    return {"name": "routes", "virtual_hosts": [everything], "ignore_port_in_host_matching": True}


def _named(match: Match, slots: list[SlotRoute]) -> Iterator[Route]:
    for slot in slots:
        if slot["ports"]:
            yield {"match": matches.failing(match, slot), "route": _failing(slot)}
            yield from _forward(matches.selected(match, slot), [{**slot, "weight": 1}])


def _chosen(
    match: Match, slots: list[SlotRoute], serving: list[SlotRoute]
) -> Iterator[tuple[Match, list[SlotRoute], bool]]:
    """Yield what takes requests that name no slot, the slots that get them, and whether these
    are to be remembered by a cookie. While one slot has all traffic, a cookie would only keep
    answers out of caches.
    """
    for slot in slots:
        if slot["audience"] is not None and slot["ports"]:
            yield matches.audience(match, slot["audience"]), [slot], False
    if len(serving) > 1:
        for slot in serving:
            yield matches.sticky(match, slot), [slot], False
    if serving:
        yield match, serving, len(serving) > 1


def _is_live(services: set[str], slots: list[SlotRoute]) -> bool:
    return any(slot["weight"] for slot in slots if slot["service"] in services)


def _forward(match: Match, slots: list[SlotRoute], *, cookies: bool = False) -> Iterator[Route]:
    # Envoy rewrites by route, not by cluster: where slots differ, most of the traffic decides.
    strip = max(slots, key=lambda slot: slot["weight"])
    action: dict[str, Any] = {
        "weighted_clusters": {"clusters": [_share(slot, cookies=cookies) for slot in slots]},
        "timeout": f"{REQUEST_SECONDS}s",
    }
    if strip["route"] != "/" and strip["strip"]:
        pattern = {"regex": f"^{re.escape(strip['route'])}/?"}
        action["regex_rewrite"] = {"pattern": pattern, "substitution": "/"}
    for taken, policy in ((matches.safe(match), retries.safe()), (match, retries.unsafe())):
        yield {"match": taken, "route": {**action, "retry_policy": policy}}


def _files(match: Match, slots: list[SlotRoute]) -> Route:
    shares = []
    for slot in slots:
        share = _share(slot, cookies=False)
        # The file server says itself whose file it is.
        share["response_headers_to_add"][0]["append_action"] = "ADD_IF_ABSENT"
        shares.append({**share, "name": asset_cluster_name(slot["service"], slot["slot"])})
    action = {"weighted_clusters": {"clusters": shares}, "timeout": f"{REQUEST_SECONDS}s"}
    return {"match": match, "route": {**action, "retry_policy": retries.assets()}}


def _share(slot: SlotRoute, *, cookies: bool) -> dict[str, Any]:
    added = [_header(RELEASE_HEADER, slot["release"] or "none", "OVERWRITE_IF_EXISTS_OR_ADD")]
    if cookies:
        added.append(_header("set-cookie", matches.set_cookie(slot), "APPEND_IF_EXISTS_OR_ADD"))
    return {
        "name": cluster_name(slot["service"], slot["slot"]),
        "weight": int(slot["weight"]) or 1,
        "response_headers_to_add": added,
    }


def _header(key: str, value: str, action: str) -> dict[str, Any]:
    # Envoy reads a percent sign as the start of one of its own fields.
    text = value.replace("%", "%%")
    return {"header": {"key": key, "value": text}, "append_action": action}


def _failing(slot: SlotRoute) -> dict[str, Any]:
    nowhere = {"filter_metadata": {"envoy.lb": NOWHERE}}
    return {"cluster": cluster_name(slot["service"], slot["slot"]), "metadata_match": nowhere}


def _nothing(match: Match) -> Route:
    return {
        "match": match,
        "direct_response": {"status": 503, "body": {"inline_string": NOTHING_LIVE}},
    }
