"""The alert rules as CloudWatch's metric math, and a dashboard of the same numbers. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.contract.alerting.rules import LEAST_REQUESTS_PER_SECOND, RULES, Kind, Limits
from components.contract.desired import SLOTS
from components.contract.statistics import CloudWatchAddress

Query = dict[str, Any]
BALANCER, CONTAINERS = "AWS/ApplicationELB", "ContainerInsights"
PERIOD_SECONDS = 60
POOL_METRIC = "DatabasePoolUsedPercent"
POOL_FIELD = "db_pool_used_percent"
"""In a JSON line of the application's log: CloudWatch knows nothing else of its connections."""
SCALE: Mapping[Kind, float] = {"p95": 0.001}
"""From a rule's unit to CloudWatch's, where they differ: response times are in seconds."""
BLIND: tuple[Kind, ...] = ("connection_pool",)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What is looked at. `prefix` names the environment; `cluster` and `namespace` the pods."""

    prefix: str
    address: CloudWatchAddress
    cluster: str
    namespace: str

    @property
    def pool_namespace(self) -> str:
        """Return the namespace of metrics that come out of the application's log."""
        return f"Slipway/{self.prefix}"


def threshold(kind: Kind, limits: Limits) -> float:
    """Return a rule's limit in CloudWatch's unit."""
    return RULES[kind].limit(limits) * SCALE.get(kind, 1.0)


def queries(kind: Kind, watched: Watched) -> list[Query]:
    """Return the queries of a rule; one of them returns what is compared with its limit."""
    match kind:
        case "error_rate":
            return _errors(watched)
        case "p95":
            return [
                _metric("p95", BALANCER, "TargetResponseTime", "p95", _all(watched), shown=True)
            ]
        case "cpu":
            # A pod without a limit has no use of it; of such pods the node is what fills up.
            pod = _metric(
                "pod", CONTAINERS, "pod_cpu_utilization_over_pod_limit", "Maximum", _pods(watched)
            )
            cluster = {"ClusterName": watched.cluster}
            node = _metric("node", CONTAINERS, "node_cpu_utilization", "Maximum", cluster)
            return [pod, node, _math("cpu", "MAX([pod, node])", "CPU of the busiest pod or node")]
        case "memory":
            name = "pod_memory_utilization_over_pod_limit"
            return [_metric("memory", CONTAINERS, name, "Maximum", _pods(watched), shown=True)]
        case "connection_pool":
            return [_metric("pool", watched.pool_namespace, POOL_METRIC, "Maximum", {}, shown=True)]


def _errors(watched: Watched) -> list[Query]:
    names = {
        "requests": "RequestCount",
        "target": "HTTPCode_Target_5XX_Count",
        # Requests that no target answered are in no other number.
        "balancer": "HTTPCode_ELB_5XX_Count",
    }
    least = LEAST_REQUESTS_PER_SECOND * PERIOD_SECONDS
    failed, every = "FILL(target, 0) + FILL(balancer, 0)", "FILL(requests, 0) + FILL(balancer, 0)"
    rate = f"IF({every} > {least:g}, 100 * ({failed}) / ({every}), 0)"
    return [
        *(_metric(key, BALANCER, name, "Sum", _all(watched)) for key, name in names.items()),
        _math("rate", rate, "Failed requests, percent"),
    ]


def body(limits: Limits, watched: Watched, alarms: list[str]) -> str:
    """Return the dashboard as JSON: the rules with their limits, and traffic by slot."""
    region = watched.address.region
    slots = {
        slot: {"LoadBalancer": watched.address.load_balancer, "TargetGroup": group}
        for slot, group in watched.address.target_groups.items()
    }
    by_slot = {
        "Requests": ("RequestCount", "Sum"),
        "Failed requests": ("HTTPCode_Target_5XX_Count", "Sum"),
        "Response time, p95": ("TargetResponseTime", "p95"),
    }
    widgets = [
        _widget(title, region, [_line(BALANCER, name, stat, slots[s], label=s) for s in SLOTS])
        for title, (name, stat) in by_slot.items()
    ]
    widgets += [
        _widget(
            rule.name,
            region,
            [_drawn(query) for query in queries(kind, watched)],
            {"horizontal": [{"label": "limit", "value": threshold(kind, limits)}]},
        )
        for kind, rule in RULES.items()
    ]
    widgets.append({"type": "alarm", "properties": {"title": "Alerts", "alarms": alarms}})
    return json.dumps({"widgets": widgets})


def _widget(
    title: str, region: str, metrics: list[Any], annotations: dict[str, Any] | None = None
) -> dict[str, Any]:
    properties = {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "period": PERIOD_SECONDS,
        "metrics": metrics,
        **({"annotations": annotations} if annotations else {}),
    }
    return {"type": "metric", "width": 12, "height": 6, "properties": properties}


def _drawn(query: Query) -> list[Any]:
    """Return a query as a dashboard has it."""
    visible = bool(query["returnData"])
    if "expression" in query:
        known = {"id": query["id"], "expression": query["expression"], "label": query["label"]}
        return [{**known, "visible": visible}]
    of = query["metric"]
    known = {"id": query["id"], "visible": visible}
    return _line(of["namespace"], of["metricName"], of["stat"], of["dimensions"], **known)


def _line(
    namespace: str, name: str, statistic: str, dimensions: Mapping[str, str], **known: Any
) -> list[Any]:
    flat = [part for pair in dimensions.items() for part in pair]
    return [namespace, name, *flat, {"stat": statistic, **known}]


def _all(watched: Watched) -> dict[str, str]:
    return {"LoadBalancer": watched.address.load_balancer}


def _pods(watched: Watched) -> dict[str, str]:
    return {"ClusterName": watched.cluster, "Namespace": watched.namespace}


def _metric(
    identifier: str,
    namespace: str,
    name: str,
    statistic: str,
    dimensions: Mapping[str, str],
    *,
    shown: bool = False,
) -> Query:
    return {
        "id": identifier,
        "metric": {
            "namespace": namespace,
            "metricName": name,
            "stat": statistic,
            "period": PERIOD_SECONDS,
            "dimensions": dict(dimensions),
        },
        "returnData": shown,
    }


def _math(identifier: str, expression: str, label: str) -> Query:
    return {"id": identifier, "expression": expression, "label": label, "returnData": True}
