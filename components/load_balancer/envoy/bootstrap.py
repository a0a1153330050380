"""What Envoy starts with."""

from typing import Any

from components.load_balancer.envoy.messages import address, watched

SHORTEST_MS, LONGEST_MS = 1, 60_000
FACTOR = 1.4
"""A percentile read from the buckets is off by less than this; Envoy's own go x2 and more."""

FLUSH_SECONDS = 1
"""Envoy's default is 5: for as long, response times would be missing in what is read."""


def bootstrap(*, admin_port: int, directory: str, node: str) -> dict[str, Any]:
    """Return what Envoy starts with: everything else it reads from files that may change."""
    return {
        "node": {"id": node, "cluster": node},
        "admin": {"address": address(admin_port)},
        "stats_flush_interval": f"{FLUSH_SECONDS}s",
        "stats_config": {
            "histogram_bucket_settings": [
                {"match": {"suffix": "upstream_rq_time"}, "buckets": buckets()}
            ]
        },
        "dynamic_resources": {
            "lds_config": watched(f"{directory}/listeners.json", directory),
            "cds_config": watched(f"{directory}/clusters.json", directory),
        },
        "layered_runtime": {"layers": [{"name": "static", "static_layer": {}}]},
    }


def buckets() -> list[int]:
    """Return the upper bounds of the response times' buckets, in whole milliseconds, rising."""
    bounds, exact = [SHORTEST_MS], float(SHORTEST_MS)
    while bounds[-1] < LONGEST_MS:
        exact *= FACTOR
        bound = min(round(exact), LONGEST_MS)
        if bound > bounds[-1]:
            bounds.append(bound)
    return bounds
