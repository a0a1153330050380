"""What Envoy starts with."""

from typing import Any

from components.load_balancer.envoy.messages import address, watched


def bootstrap(*, admin_port: int, directory: str, node: str) -> dict[str, Any]:
    """Return what Envoy starts with: everything else it reads from files that may change."""
    return {
        "node": {"id": node, "cluster": node},
        "admin": {"address": address(admin_port)},
        "dynamic_resources": {
            "lds_config": watched(f"{directory}/listeners.json", directory),
            "cds_config": watched(f"{directory}/clusters.json", directory),
        },
        "layered_runtime": {"layers": [{"name": "static", "static_layer": {}}]},
    }
