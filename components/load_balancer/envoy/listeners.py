"""The listeners: the public one and the one for the application itself."""

from typing import Any

from components.load_balancer.envoy.messages import address, extension, watched

MAX_BODY_BYTES = 16 * 1024 * 1024
BUFFER_BYTES = 1024 * 1024
IDLE_SECONDS = 300
TLS_FROM = "TLSv1_2"
ACCESS_FIELDS = {
    "time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ:ORIG_OR_PATH)%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "milliseconds": "%DURATION%",
    "cluster": "%UPSTREAM_CLUSTER_RAW%",
    "replica": "%UPSTREAM_HOST%",
    "request": "%REQ(X-REQUEST-ID)%",
}
"""No query strings: they hold what people typed."""


def listeners(
    *, public_port: int, internal_port: int, certificate: str, key: str, directory: str
) -> list[dict[str, Any]]:
    """Return the public listener (TLS, HTTP/2) and the plain one for the application itself."""
    public = _listener("public", public_port, directory)
    public["filter_chains"][0]["transport_socket"] = _tls(certificate, key)
    return [public, _listener("internal", internal_port, directory)]


def _tls(certificate: str, key: str) -> dict[str, Any]:
    pair = {"certificate_chain": {"filename": certificate}, "private_key": {"filename": key}}
    return extension(
        "tls",
        "transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context={
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": TLS_FROM},
            "tls_certificates": [pair],
        },
    )


def _listener(name: str, port: int, directory: str) -> dict[str, Any]:
    return {
        "name": name,
        "address": address(port),
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "filter_chains": [{"filters": [_http(name, directory)]}],
    }


def _http(name: str, directory: str) -> dict[str, Any]:
    limits = {"idle_timeout": f"{IDLE_SECONDS}s"}
    return extension(
        "http",
        "filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix=name,
        codec_type="AUTO",
        use_remote_address=True,
        normalize_path=True,
        merge_slashes=True,
        server_name="slipway",
        request_headers_timeout="10s",
        stream_idle_timeout=f"{IDLE_SECONDS}s",
        common_http_protocol_options={
            **limits,
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        http2_protocol_options={"max_concurrent_streams": 100},
        rds={
            "route_config_name": "routes",
            "config_source": watched(f"{directory}/routes.json", directory),
        },
        access_log=[_access_log()],
        upgrade_configs=[{"upgrade_type": "websocket", "filters": [_router()]}],
        http_filters=[_body_limit(), _router()],
    )


def _access_log() -> dict[str, Any]:
    return extension(
        "access",
        "access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": ACCESS_FIELDS},
    )


def _router() -> dict[str, Any]:
    return extension("router", "filters.http.router.v3.Router")


def _body_limit() -> dict[str, Any]:
    return extension(
        "body-limit", "filters.http.buffer.v3.Buffer", max_request_bytes=MAX_BODY_BYTES
    )
