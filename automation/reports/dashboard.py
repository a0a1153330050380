"""A small Grafana dashboard of one environment: a panel for each threshold, and traffic."""

from typing import Any, Final

from automation.reports.serialized import as_json
from automation.specification.models import Thresholds

WIDTH: Final = 12
HEIGHT: Final = 8
COLUMNS: Final = 2


def dashboard(thresholds: Thresholds, application: str, environment: str) -> str:
    """Return the dashboard as JSON for Grafana's import; it asks for a Prometheus data source."""
    panels = [
        _panel(index, title, unit, limit, expression)
        for index, (title, unit, limit, expression) in enumerate(
            _rows(thresholds, f'app="{application}",env="{environment}"')
        )
    ]
    return as_json(
        {
            "uid": f"slipway-{application}-{environment}"[:40],
            "title": f"{application} in {environment}",
            "tags": ["slipway", application, environment],
            "schemaVersion": 39,
            "timezone": "browser",
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "templating": {"list": [_data_source()]},
            "panels": panels,
        }
    )


def _data_source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _rows(limits: Thresholds, own: str) -> list[tuple[str, str, float | None, str]]:
    """Return title, Grafana's unit, limit and expression of each panel."""
    every = f"sum(rate(http_requests_total{{{own}}}[5m]))"
    failed = f'sum(rate(http_requests_total{{{own},status="5xx"}}[5m]))'
    buckets = f"sum by (le) (rate(http_request_duration_highr_seconds_bucket{{{own}}}[5m]))"
    used = f"max(db_pool_checked_out{{{own}}} / clamp_min(db_pool_capacity{{{own}}}, 1))"
    idle = 'avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
    memory = "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes"
    return [
        ("Requests", "reqps", None, every),
        (
            "Error rate",
            "percent",
            limits.error_rate_percent,
            f"100 * {failed} / clamp_min({every}, 1e-9)",
        ),
        (
            "Response time, p95",
            "ms",
            limits.p95_milliseconds,
            f"1000 * histogram_quantile(0.95, {buckets})",
        ),
        ("Database connections", "percent", limits.connection_pool_percent, f"100 * {used}"),
        ("CPU", "percent", limits.cpu_percent, f"100 * (1 - {idle})"),
        ("Memory", "percent", limits.memory_percent, f"100 * (1 - {memory})"),
    ]


def _panel(
    index: int, title: str, unit: str, limit: float | None, expression: str
) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${source}"}
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if limit is not None:
        steps.append({"color": "red", "value": limit})
    return {
        "id": index + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": {
            "x": index % COLUMNS * WIDTH,
            "y": index // COLUMNS * HEIGHT,
            "w": WIDTH,
            "h": HEIGHT,
        },
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "min": 0,
                "custom": {"thresholdsStyle": {"mode": "off" if limit is None else "line"}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "targets": [{"refId": "A", "datasource": source, "expr": expression}],
    }
