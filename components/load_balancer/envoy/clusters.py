"""The clusters: one for each slot, with the health of its replicas."""

from typing import Any

from components.load_balancer.envoy.messages import TYPE, address
from components.load_balancer.envoy.slots import SlotRoute, asset_cluster_name, cluster_name

HTTP_OPTIONS = "extensions.upstreams.http.v3.HttpProtocolOptions"
CONNECT_SECONDS = 2
HEALTH_SECONDS = 1
IDLE_SECONDS = 1
"""Less than any server keeps a connection (gunicorn 2, Node and uvicorn 5): one that closes it just
as a request is on its way loses that request."""
PANIC_PERCENT = 1
"""An unready replica gets traffic only where no other is ready: if all of them fail their checks,
being overloaded is likelier than being broken. By default half of them would do."""
NOWHERE = {"probe": "fail"}
"""What no replica is marked with, so that Envoy's router fails what asks for it."""


def clusters(slots: list[SlotRoute]) -> list[dict[str, Any]]:
    """Return one cluster for each slot, so that statistics are kept per slot.

    Slots of the frontend have another one for assets. It is there before there are any, since a
    route may not come before its cluster.
    """
    files = [_files(slot, slot["asset_port"]) for slot in slots if slot["asset_port"] is not None]
    return [*(_cluster(slot) for slot in slots), *files]


def _cluster(slot: SlotRoute) -> dict[str, Any]:
    return {
        **_base(cluster_name(slot["service"], slot["slot"]), [slot["ports"]]),
        "health_checks": [_health(slot["ready"])],
        "common_lb_config": {"healthy_panic_threshold": {"value": PANIC_PERCENT}},
        "lb_subset_config": {
            "fallback_policy": "ANY_ENDPOINT",
            "subset_selectors": [{"keys": list(NOWHERE), "fallback_policy": "NO_FALLBACK"}],
        },
        "outlier_detection": {
            "consecutive_5xx": 10,
            "consecutive_gateway_failure": 3,
            "interval": "2s",
            "base_ejection_time": "5s",
            "max_ejection_percent": 50,
        },
        "track_cluster_stats": {"timeout_budgets": True},
    }


def _files(slot: SlotRoute, port: int) -> dict[str, Any]:
    """The replicas, then the file server. Unchecked: each is asked, the other tried after it."""
    name = asset_cluster_name(slot["service"], slot["slot"])
    return _base(name, [slot["ports"], [port]])


def _base(name: str, priorities: list[list[int]]) -> dict[str, Any]:
    endpoints = [
        {
            "priority": priority,
            "lb_endpoints": [{"endpoint": {"address": address(int(port))}} for port in ports],
        }
        for priority, ports in enumerate(priorities)
    ]
    protocol = {
        "@type": f"{TYPE}.{HTTP_OPTIONS}",
        "common_http_protocol_options": {"idle_timeout": f"{IDLE_SECONDS}s"},
        "explicit_http_config": {"http_protocol_options": {}},
    }
    return {
        "name": name,
        "connect_timeout": f"{CONNECT_SECONDS}s",
        "type": "STATIC",
        "lb_policy": "LEAST_REQUEST",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
        "circuit_breakers": {
            # Envoy's default is 3 retries at once: a replica that dies under load needs more
            "thresholds": [{"max_connections": 1024, "max_requests": 2048, "max_retries": 1024}]
        },
        "typed_extension_protocol_options": {f"envoy.{HTTP_OPTIONS}": protocol},
    }


def _health(path: str | None) -> dict[str, Any]:
    check: dict[str, Any] = {
        "timeout": "2s",
        "interval": f"{HEALTH_SECONDS}s",
        "no_traffic_interval": f"{HEALTH_SECONDS}s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "event_logger": [],
    }
    if path is None:
        return {**check, "tcp_health_check": {}}
    return {**check, "http_health_check": {"path": path, "host": "127.0.0.1"}}
