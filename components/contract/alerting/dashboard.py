"""A small Grafana dashboard of one environment: a panel for each threshold, and traffic. Pure."""

from typing import Any

from components.contract.alerting import promql
from components.contract.alerting.promql import Where
from components.contract.alerting.rules import RULES, Kind, Limits

WIDTH = 12
HEIGHT = 8
COLUMNS = 2
Row = tuple[str, str, Kind | None, str]
"""Title, Grafana's unit, rule and expression of a panel."""


def dashboard(limits: Limits, where: Where) -> dict[str, Any]:
    """Return the dashboard in Grafana's format; it asks for a Prometheus data source."""
    application, environment = where.application, where.environment
    return {
        "uid": f"slipway-{application}-{environment}"[:40],
        "title": f"{application} in {environment}",
        "tags": ["slipway", application, environment],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [_data_source()]},
        "panels": [_panel(index, row, limits) for index, row in enumerate(_rows(where))],
    }


def _data_source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _rows(where: Where) -> list[Row]:
    own, inside = where.own, where.containers
    every = promql.requests(own)
    errors = f"100 * {promql.failed(own)} / clamp_min({every}, 1e-9)"
    return [
        ("Requests", "reqps", None, every),
        ("Error rate", "percent", "error_rate", errors),
        ("Response time, p95", "ms", "p95", f"1000 * ({promql.p95(own)})"),
        ("Database connections", "percent", "connection_pool", promql.pool(own)),
        ("CPU", "percent", "cpu", promql.cpu(inside) if inside else promql.NODE_CPU),
        ("Memory", "percent", "memory", promql.memory(inside) if inside else promql.NODE_MEMORY),
    ]


def _panel(index: int, row: Row, limits: Limits) -> dict[str, Any]:
    title, unit, kind, expression = row
    source = {"type": "prometheus", "uid": "${source}"}
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if kind is not None:
        steps.append({"color": "red", "value": RULES[kind].limit(limits)})
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
                "custom": {"thresholdsStyle": {"mode": "off" if kind is None else "line"}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "targets": [{"refId": "A", "datasource": source, "expr": expression}],
    }
