"""The clusters: one for each slot, with the health of its replicas."""

from typing import Any

from components.load_balancer.envoy.messages import address
from components.load_balancer.envoy.slots import SlotRoute, cluster_name

CONNECT_SECONDS = 2
HEALTH_SECONDS = 1


def clusters(slots: list[SlotRoute]) -> list[dict[str, Any]]:
    """Return one cluster for each slot, so that statistics are kept per slot."""
    return [_cluster(slot) for slot in slots]


def _cluster(slot: SlotRoute) -> dict[str, Any]:
    name = cluster_name(slot["service"], slot["slot"])
    check: dict[str, Any] = {
        "timeout": "2s",
        "interval": f"{HEALTH_SECONDS}s",
        "no_traffic_interval": f"{HEALTH_SECONDS}s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "event_logger": [],
    }
    if slot["ready"] is None:
        check["tcp_health_check"] = {}
    else:
        check["http_health_check"] = {"path": slot["ready"], "host": "127.0.0.1"}
    endpoints = [{"endpoint": {"address": address(int(port))}} for port in slot["ports"]]
    return {
        "name": name,
        "connect_timeout": f"{CONNECT_SECONDS}s",
        "type": "STATIC",
        "lb_policy": "LEAST_REQUEST",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        "health_checks": [check],
        "outlier_detection": {
            "consecutive_5xx": 10,
            "consecutive_gateway_failure": 3,
            "interval": "2s",
            "base_ejection_time": "5s",
            "max_ejection_percent": 50,
        },
        "circuit_breakers": {"thresholds": [{"max_connections": 1024, "max_requests": 2048}]},
        "track_cluster_stats": {"timeout_budgets": True},
    }
