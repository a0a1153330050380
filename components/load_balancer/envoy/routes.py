"""The route table: which slot answers for which path."""

import re
from typing import Any

from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER
from components.load_balancer.envoy.messages import extension
from components.load_balancer.envoy.slots import SlotRoute, cluster_name

REQUEST_SECONDS = 60
OTHER_REPLICA = "retry.host.previous_hosts.v3.PreviousHostsPredicate"


def routes(slots: list[SlotRoute]) -> dict[str, Any]:
    """Return the route table: longer paths first, slots chosen by header before weights."""
    table: list[dict[str, Any]] = []
    for path in sorted({slot["route"] for slot in slots}, key=lambda path: (-len(path), path)):
        there = [slot for slot in slots if slot["route"] == path]
        for slot in there:
            if slot["ports"]:
                table.append(_route(path, [{**slot, "weight": 1}], header=slot["slot"]))
        serving = [slot for slot in there if slot["weight"]]
        # A service whose live release has another route leaves this path to the others.
        if serving or not _is_live({slot["service"] for slot in there}, slots):
            table.append(_route(path, serving))
    if not table:
        table.append(_route("/", []))
    everything = {"name": "application", "domains": ["*"], "routes": table}
    return {"name": "routes", "virtual_hosts": [everything], "ignore_port_in_host_matching": True}


def _is_live(services: set[str], slots: list[SlotRoute]) -> bool:
    return any(slot["weight"] for slot in slots if slot["service"] in services)


def _route(path: str, slots: list[SlotRoute], *, header: str | None = None) -> dict[str, Any]:
    match: dict[str, Any] = {"prefix": "/"} if path == "/" else {"path_separated_prefix": path}
    if header is not None:
        match["headers"] = [{"name": SLOT_HEADER, "string_match": {"exact": header}}]
    if not slots:
        body = {"inline_string": "nothing is live here\n"}
        return {"match": match, "direct_response": {"status": 503, "body": body}}
    action: dict[str, Any] = {
        "weighted_clusters": {"clusters": [_weighted(slot) for slot in slots]},
        "timeout": f"{REQUEST_SECONDS}s",
        "retry_policy": {
            # only what never reached the application, so that no request is done twice
            "retry_on": "connect-failure,refused-stream",
            "num_retries": 3,
            "retry_host_predicate": [extension("other-replica", OTHER_REPLICA)],
            "host_selection_retry_max_attempts": 3,
        },
    }
    # Envoy rewrites by route, not by cluster: where slots differ, most of the traffic decides.
    if path != "/" and max(slots, key=lambda slot: slot["weight"])["strip"]:
        pattern = {"regex": f"^{re.escape(path)}/?"}
        action["regex_rewrite"] = {"pattern": pattern, "substitution": "/"}
    return {"match": match, "route": action}


def _weighted(slot: SlotRoute) -> dict[str, Any]:
    header = {"header": {"key": RELEASE_HEADER, "value": slot["release"] or "none"}}
    return {
        "name": cluster_name(slot["service"], slot["slot"]),
        "weight": int(slot["weight"]),
        "response_headers_to_add": [{**header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
    }
