"""Envoy's configuration as data. Pure: what it says depends on the arguments alone."""

from typing import Any, TypedDict

from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER

TYPE = "type.googleapis.com/envoy"
MAX_BODY_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 2
REQUEST_SECONDS = 60
IDLE_SECONDS = 300
HEALTH_SECONDS = 1
CIPHERS_FROM = "TLSv1_2"


class SlotRoute(TypedDict):
    """What the load balancer knows of one slot. `ready` is a path, or None for a TCP check."""

    service: str
    slot: str
    release: str | None
    weight: int
    ports: list[int]
    route: str
    strip: bool
    ready: str | None


def cluster_name(service: str, slot: str) -> str:
    """Return the name under which a slot's statistics are kept."""
    return f"{service}_{slot}"


def bootstrap(*, admin_port: int, directory: str, node: str) -> dict[str, Any]:
    """Return what Envoy starts with: everything else it reads from files that may change."""
    return {
        "node": {"id": node, "cluster": node},
        "admin": {"address": _address(admin_port)},
        "dynamic_resources": {
            "lds_config": _watched(f"{directory}/listeners.json", directory),
            "cds_config": _watched(f"{directory}/clusters.json", directory),
        },
        "layered_runtime": {"layers": [{"name": "static", "static_layer": {}}]},
    }


def _watched(path: str, directory: str) -> dict[str, Any]:
    source = {"path": path, "watched_directory": {"path": directory}}
    return {"resource_api_version": "V3", "path_config_source": source}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def listeners(
    *, public_port: int, internal_port: int, certificate: str, key: str, directory: str
) -> list[dict[str, Any]]:
    """Return the public listener (TLS, HTTP/2) and the plain one for the application itself."""
    tls = {
        "name": "tls",
        "typed_config": {
            "@type": f"{TYPE}.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": CIPHERS_FROM},
                "tls_certificates": [
                    {
                        "certificate_chain": {"filename": certificate},
                        "private_key": {"filename": key},
                    }
                ],
            },
        },
    }
    public = _listener("public", public_port, directory)
    public["filter_chains"][0]["transport_socket"] = tls
    return [public, _listener("internal", internal_port, directory)]


def _listener(name: str, port: int, directory: str) -> dict[str, Any]:
    manager = {
        "@type": f"{TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "use_remote_address": True,
        "normalize_path": True,
        "merge_slashes": True,
        "server_name": "slipway",
        "request_headers_timeout": "10s",
        "stream_idle_timeout": f"{IDLE_SECONDS}s",
        "common_http_protocol_options": {
            "idle_timeout": f"{IDLE_SECONDS}s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {"max_concurrent_streams": 100},
        "rds": {
            "route_config_name": "routes",
            "config_source": _watched(f"{directory}/routes.json", directory),
        },
        "access_log": [_access_log()],
        "upgrade_configs": [{"upgrade_type": "websocket", "filters": [_router()]}],
        "http_filters": [_body_limit(), _router()],
    }
    return {
        "name": name,
        "address": _address(port),
        "per_connection_buffer_limit_bytes": 1024 * 1024,
        "filter_chains": [
            {"filters": [{"name": "http", "typed_config": manager}]},
        ],
    }


def _access_log() -> dict[str, Any]:
    fields = {
        "time": "%START_TIME%",
        "method": "%REQ(:METHOD)%",
        "path": "%PATH(NQ:ORIG)%",
        "status": "%RESPONSE_CODE%",
        "flags": "%RESPONSE_FLAGS%",
        "milliseconds": "%DURATION%",
        "cluster": "%UPSTREAM_CLUSTER_RAW%",
        "replica": "%UPSTREAM_HOST%",
        "request": "%REQ(X-REQUEST-ID)%",
    }
    return {
        "name": "access",
        "typed_config": {
            "@type": f"{TYPE}.extensions.access_loggers.stream.v3.StdoutAccessLog",
            "log_format": {"json_format": fields},
        },
    }


def _router() -> dict[str, Any]:
    return {
        "name": "router",
        "typed_config": {"@type": f"{TYPE}.extensions.filters.http.router.v3.Router"},
    }


def _body_limit() -> dict[str, Any]:
    return {
        "name": "body-limit",
        "typed_config": {
            "@type": f"{TYPE}.extensions.filters.http.buffer.v3.Buffer",
            "max_request_bytes": MAX_BODY_BYTES,
        },
    }


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
    endpoints = [{"endpoint": {"address": _address(int(port))}} for port in slot["ports"]]
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


def routes(slots: list[SlotRoute]) -> dict[str, Any]:
    """Return the route table: longer paths first, slots chosen by header before weights."""
    paths = sorted({(slot["route"], slot["strip"]) for slot in slots}, key=lambda p: -len(p[0]))
    table: list[dict[str, Any]] = []
    for path, strip in paths:
        there = [slot for slot in slots if slot["route"] == path]
        for slot in there:
            if slot["ports"]:
                table.append(_route(path, strip, [{**slot, "weight": 1}], header=slot["slot"]))
        table.append(_route(path, strip, [slot for slot in there if slot["weight"]]))
    everything = {"name": "application", "domains": ["*"], "routes": table}
    return {"name": "routes", "virtual_hosts": [everything], "ignore_port_in_host_matching": True}


def _route(
    path: str, strip: bool, slots: list[SlotRoute], *, header: str | None = None
) -> dict[str, Any]:
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
            "retry_host_predicate": [
                {
                    "name": "other-replica",
                    "typed_config": {
                        "@type": f"{TYPE}.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                    },
                }
            ],
            "host_selection_retry_max_attempts": 3,
        },
    }
    if strip and path != "/":
        pattern = {"regex": f"^{path}/?"}
        action["regex_rewrite"] = {"pattern": pattern, "substitution": "/"}
    return {"match": match, "route": action}


def _weighted(slot: SlotRoute) -> dict[str, Any]:
    header = {"header": {"key": RELEASE_HEADER, "value": slot["release"] or "none"}}
    return {
        "name": cluster_name(slot["service"], slot["slot"]),
        "weight": int(slot["weight"]),
        "response_headers_to_add": [{**header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
    }
