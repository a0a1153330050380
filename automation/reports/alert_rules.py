"""Prometheus alert rules for the specification's five thresholds.

Where a number can be had from more than one exporter there is a rule for each; a rule whose
series do not exist never fires.
"""

from typing import Any, Final

from automation.reports.serialized import as_yaml
from automation.specification.models import Thresholds

WINDOW: Final = "5m"
LEAST_REQUESTS_PER_SECOND: Final = 0.1
"""Below this an error rate says nothing: one failed request would be most of the traffic."""

Rule = dict[str, Any]


def alert_rules(thresholds: Thresholds, application: str, environment: str) -> str:
    """Return a Prometheus rule file. Thresholds are percentages, milliseconds and minutes."""
    own = f'app="{application}",env="{environment}"'
    groups = {
        "application": _application(thresholds, own),
        "edge": _edge(thresholds),
        "resources": _resources(thresholds),
    }
    return as_yaml(
        {
            "groups": [
                {"name": f"{application}-{environment}-{name}", "interval": "15s", "rules": rules}
                for name, rules in groups.items()
            ]
        }
    )


def rule_names(thresholds: Thresholds) -> tuple[str, ...]:
    """Return the names of the rules, in order."""
    rules = [*_application(thresholds, ""), *_edge(thresholds), *_resources(thresholds)]
    return tuple(str(rule["alert"]) for rule in rules)


def _rule(name: str, expression: str, minutes: int, severity: str, summary: str) -> Rule:
    return {
        "alert": name,
        "expr": expression,
        "for": f"{minutes}m",
        "labels": {"severity": severity},
        "annotations": {"summary": f"{summary} for {minutes} minutes"},
    }


def _application(limits: Thresholds, own: str) -> list[Rule]:
    failed = f'sum by (app, env) (rate(http_requests_total{{{own},status="5xx"}}[{WINDOW}]))'
    every = f"sum by (app, env) (rate(http_requests_total{{{own}}}[{WINDOW}]))"
    buckets = f"rate(http_request_duration_highr_seconds_bucket{{{own}}}[{WINDOW}])"
    errors = (
        f"{failed} / clamp_min({every}, 1e-9) > {limits.error_rate_percent / 100:g}"
        f" and {every} > {LEAST_REQUESTS_PER_SECOND:g}"
    )
    latency = (
        f"histogram_quantile(0.95, sum by (app, env, le) ({buckets}))"
        f" > {limits.p95_milliseconds / 1000:g}"
    )
    pool = (
        f"100 * max by (app, env, instance) (db_pool_checked_out{{{own}}}"
        f" / clamp_min(db_pool_capacity{{{own}}}, 1)) > {limits.connection_pool_percent:g}"
    )
    return [
        _error_rate("HighErrorRate", errors, limits),
        _latency("HighLatencyP95", latency, limits),
        _rule(
            "DbPoolSaturated",
            pool,
            limits.connection_pool_minutes,
            "high",
            f"More than {limits.connection_pool_percent:g} % of the database connections in use",
        ),
    ]


def _edge(limits: Thresholds) -> list[Rule]:
    by = "sum by (envoy_cluster_name)"
    every = f"{by} (rate(envoy_cluster_upstream_rq_xx[{WINDOW}]))"
    failed = f'{by} (rate(envoy_cluster_upstream_rq_xx{{envoy_response_code_class="5"}}[{WINDOW}]))'
    errors = (
        f"{failed} / clamp_min({every}, 1e-9) > {limits.error_rate_percent / 100:g}"
        f" and {every} > {LEAST_REQUESTS_PER_SECOND:g}"
    )
    latency = (
        "histogram_quantile(0.95, sum by (envoy_cluster_name, le)"
        f" (rate(envoy_cluster_upstream_rq_time_bucket[{WINDOW}]))) > {limits.p95_milliseconds:g}"
    )
    return [
        _error_rate("EnvoyHighErrorRate", errors, limits),
        _latency("EnvoyHighLatencyP95", latency, limits),
    ]


def _error_rate(name: str, expression: str, limits: Thresholds) -> Rule:
    summary = f"More than {limits.error_rate_percent:g} % of the requests failed"
    return _rule(name, expression, limits.error_rate_minutes, "critical", summary)


def _latency(name: str, expression: str, limits: Thresholds) -> Rule:
    summary = f"p95 of the response time above {limits.p95_milliseconds:g} ms"
    return _rule(name, expression, limits.p95_minutes, "high", summary)


def _resources(limits: Thresholds) -> list[Rule]:
    idle = f'avg by (instance) (rate(node_cpu_seconds_total{{mode="idle"}}[{WINDOW}]))'
    running = 'container!="",container!="POD"'
    pod = "sum by (namespace, pod)"
    limit = "kube_pod_container_resource_limits"
    cpu = f"CPU above {limits.cpu_percent:g} %"
    memory = f"Memory above {limits.memory_percent:g} %"
    expressions = {
        "HighCpuHost": f"100 * (1 - {idle})",
        "HighCpuContainer": (
            f"100 * {pod} (rate(container_cpu_usage_seconds_total{{{running}}}[{WINDOW}]))"
            f' / {pod} ({limit}{{resource="cpu"}})'
        ),
        "HighMemoryHost": "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
        "HighMemoryContainer": (
            f"100 * {pod} (container_memory_working_set_bytes{{{running}}})"
            f' / {pod} ({limit}{{resource="memory"}})'
        ),
    }
    rules: list[Rule] = []
    for name, expression in expressions.items():
        if name.startswith("HighCpu"):
            most, minutes, summary = limits.cpu_percent, limits.cpu_minutes, cpu
        else:
            most, minutes, summary = limits.memory_percent, limits.memory_minutes, memory
        rules.append(_rule(name, f"{expression} > {most:g}", minutes, "medium", summary))
    return rules
