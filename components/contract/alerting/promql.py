"""The alert rules for Prometheus: an expression for each exporter that can tell. Pure.

A rule whose series do not exist never fires.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from components.contract.alerting.rules import (
    LEAST_REQUESTS_PER_SECOND,
    RULES,
    RUNBOOK,
    Kind,
    Limits,
)

Exporter = Literal["application", "envoy", "node", "kubernetes"]
EXPORTERS: tuple[Exporter, ...] = ("application", "envoy", "node", "kubernetes")
GROUPS: dict[Exporter, str] = {
    "application": "application",
    "envoy": "edge",
    "node": "resources",
    "kubernetes": "resources",
}
WINDOW = "5m"
INTERVAL = "15s"
SLOT = "app, env, slot"
"""What an alert of the application names: without slots, the last one is empty."""


POD = "namespace, pod"


@dataclass(frozen=True)
class Where:
    """Whose series are meant. `namespace` is that of a cluster, empty without one."""

    application: str
    environment: str
    namespace: str = ""

    @property
    def own(self) -> str:
        """Return the matchers of what the application exposes itself."""
        return f'app="{self.application}",env="{self.environment}"'

    @property
    def containers(self) -> str:
        """Return the matchers of containers, a comma at the end of what there is."""
        return f'namespace="{self.namespace}",' if self.namespace else ""


@dataclass(frozen=True)
class Expression:
    """What a rule looks at by one exporter. `scale` makes the rule's unit the query's.

    `least` is what has to be above LEAST_REQUESTS_PER_SECOND as well, empty for nothing.
    """

    kind: Kind
    name: str
    exporter: Exporter
    query: str
    scale: float = 1.0
    least: str = ""


def expressions(where: Where) -> tuple[Expression, ...]:
    """Return all of them; where one number has several exporters, one for each."""
    return (*_application(where), *_envoy(), *_node(), *_kubernetes(where))


def groups(
    limits: Limits, where: Where, exporters: Sequence[Exporter] = EXPORTERS
) -> list[dict[str, Any]]:
    """Return the groups of a rule file, or of a PrometheusRule's `spec`."""
    named: dict[str, list[dict[str, Any]]] = {}
    for each in expressions(where):
        if each.exporter in exporters:
            named.setdefault(GROUPS[each.exporter], []).append(_rule(each, limits, where))
    prefix = f"{where.application}-{where.environment}"
    return [
        {"name": f"{prefix}-{name}", "interval": INTERVAL, "rules": rules}
        for name, rules in named.items()
    ]


def names(found: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Return the names of the rules of some groups, in order."""
    return tuple(rule["alert"] for group in found for rule in group["rules"])


def failed(own: str) -> str:
    """Return the rate of answers with 5xx: libraries label them `5xx`, or with the whole number."""
    return f'sum by ({SLOT}) (rate(http_requests_total{{{own},status=~"5.."}}[{WINDOW}]))'


def requests(own: str) -> str:
    """Return the rate of all answers."""
    return f"sum by ({SLOT}) (rate(http_requests_total{{{own}}}[{WINDOW}]))"


def p95(own: str) -> str:
    """Return the 95th percentile of the response time in seconds.

    Instrumentators have fine buckets without a route beside coarse ones by route, which end at a
    second: no percentile of theirs is ever above it.
    """
    return " or ".join(
        f"histogram_quantile(0.95, sum by ({SLOT}, le) (rate({name}_bucket{{{own}}}[{WINDOW}])))"
        for name in ("http_request_duration_highr_seconds", "http_request_duration_seconds")
    )


def pool(own: str) -> str:
    """Return the database connections in use, in percent of those that may be opened."""
    used = f"db_pool_checked_out{{{own}}}"
    return f"100 * max by ({SLOT}) ({used} / clamp_min(db_pool_capacity{{{own}}}, 1))"


def cpu(containers: str) -> str:
    """Return the CPU of pods in percent of their limits, or of what they are promised without."""
    running = f'{containers}container!="",container!="POD"'
    usage = f"rate(container_cpu_usage_seconds_total{{{running}}}[{WINDOW}])"
    return f"100 * sum by ({POD}) ({usage}) / {_allowed(containers, 'cpu')}"


def memory(containers: str) -> str:
    """Return the memory of pods in percent, likewise."""
    running = f'{containers}container!="",container!="POD"'
    used = f"sum by ({POD}) (container_memory_working_set_bytes{{{running}}})"
    return f"100 * {used} / {_allowed(containers, 'memory')}"


def _allowed(containers: str, resource: str) -> str:
    limits, requests = (
        f'sum by ({POD}) (kube_pod_container_resource_{kind}{{{containers}resource="{resource}"}})'
        for kind in ("limits", "requests")
    )
    return f"({limits} or {requests})"


NODE_CPU = f'100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{{mode="idle"}}[{WINDOW}])))'
NODE_MEMORY = "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"


def _application(where: Where) -> tuple[Expression, ...]:
    own, every = where.own, requests(where.own)
    errors = f"100 * {failed(own)} / clamp_min({every}, 1e-9)"
    return (
        Expression("error_rate", "HighErrorRate", "application", errors, least=every),
        Expression("p95", "HighLatencyP95", "application", f"({p95(own)})", scale=0.001),
        Expression("connection_pool", "DbPoolSaturated", "application", pool(own)),
    )


def _envoy() -> tuple[Expression, ...]:
    by = "sum by (envoy_cluster_name)"
    every = f"{by} (rate(envoy_cluster_upstream_rq_xx[{WINDOW}]))"
    bad = f'{by} (rate(envoy_cluster_upstream_rq_xx{{envoy_response_code_class="5"}}[{WINDOW}]))'
    errors = f"100 * {bad} / clamp_min({every}, 1e-9)"
    buckets = f"rate(envoy_cluster_upstream_rq_time_bucket[{WINDOW}])"
    latency = f"histogram_quantile(0.95, sum by (envoy_cluster_name, le) ({buckets}))"
    return (
        Expression("error_rate", "EnvoyHighErrorRate", "envoy", errors, least=every),
        Expression("p95", "EnvoyHighLatencyP95", "envoy", latency),
    )


def _node() -> tuple[Expression, ...]:
    return (
        Expression("cpu", "HighCpuHost", "node", NODE_CPU),
        Expression("memory", "HighMemoryHost", "node", NODE_MEMORY),
    )


def _kubernetes(where: Where) -> tuple[Expression, ...]:
    return (
        Expression("cpu", "HighCpuContainer", "kubernetes", cpu(where.containers)),
        Expression("memory", "HighMemoryContainer", "kubernetes", memory(where.containers)),
    )


def _rule(found: Expression, limits: Limits, where: Where) -> dict[str, Any]:
    rule = RULES[found.kind]
    least = f" and {found.least} > {LEAST_REQUESTS_PER_SECOND:g}" if found.least else ""
    # Alertmanager's routes of a namespace see only what is labelled with it.
    known = {"namespace": where.namespace} if where.namespace else {}
    return {
        "alert": found.name,
        "expr": f"{found.query} > {rule.limit(limits) * found.scale:g}{least}",
        "for": f"{rule.minutes(limits)}m",
        "labels": {"severity": rule.severity, **known},
        "annotations": {"summary": rule.summary(limits), "description": f"See {RUNBOOK}."},
    }
