"""What was observed, as evidence for the items of the checklists."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from automation.reports.base import CheckStatus
from automation.reports.facts import Facts

BY_CATEGORY: Final[Mapping[str, tuple[str, ...]]] = {
    "authentication": ("authorization", "authentication_flow", "authentication_provider"),
    "crud_operations": ("core_flows", "crud_operations"),
    "multi_user_isolation": ("user_isolation", "multi_user", "data_isolated"),
    "error_handling": ("error_handling",),
    "data_consistency": ("database_queries", "data_persisted", "database_connectivity"),
    "integration": ("external_integrations",),
    "pages": ("core_flows",),
}
"""Which items a smoke flow of a category is evidence for."""

BY_RULE: Final[Mapping[str, str]] = {
    "HighErrorRate": "alert_error_rate",
    "HighLatencyP95": "alert_performance",
    "HighCpuHost": "alert_resources",
    "HighMemoryHost": "alert_resources",
    "HighCpu": "alert_resources",
    "HighMemory": "alert_resources",
    "HighCpuContainer": "alert_resources",
    "HighMemoryContainer": "alert_resources",
    "DbPoolSaturated": "alert_database",
    "EnvoyHighErrorRate": "alert_error_rate",
    "EnvoyHighLatencyP95": "alert_performance",
}
"""Which item a loaded alert rule is evidence for."""


@dataclass(frozen=True)
class Seen:
    """One observation that bears on an item."""

    status: CheckStatus
    text: str


Evidence = Mapping[str, list[Seen]]


def evidence_for(facts: Facts) -> Evidence:
    """Return item -> what was observed of it. An item that nobody looked at is absent."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for check in [*(facts.checks or []), *facts.observations]:
        if check.item is not None:
            found[check.item].append(Seen(check.status, f"{check.name}: {check.details}"))
    _health(facts, found)
    _smoke(facts, found)
    _performance(facts, found)
    _monitoring(facts, found)
    return dict(found)


def _health(facts: Facts, found: dict[str, list[Seen]]) -> None:
    for service, fact in facts.health.items():
        took = "" if fact.milliseconds is None else f" in {fact.milliseconds:.0f} ms"
        status: CheckStatus = "passed" if fact.status == "healthy" else "failed"
        found["health_endpoints"].append(Seen(status, f"{service} {fact.status}{took}"))


def _smoke(facts: Facts, found: dict[str, list[Seen]]) -> None:
    for flow in facts.smoke or []:
        seen = Seen(flow.status, f"{flow.name}: {flow.error or flow.status}")
        items = list(BY_CATEGORY.get(flow.category, ()))
        items += ["critical_paths"] if flow.severity == "critical" else []
        items += [] if flow.category == "pages" else ["api_endpoints"]
        for item in items:
            found[item].append(seen)


def _performance(facts: Facts, found: dict[str, list[Seen]]) -> None:
    fact = facts.performance
    if fact is None:
        return
    if fact.p95_ms is not None:
        text = f"p95 {fact.p95_ms:.0f} ms over {fact.requests} requests"
        found["response_times"].append(Seen("passed", text))
        if "p95_ms" in fact.baseline:
            against = f"p95 {fact.p95_ms:.0f} ms, before {fact.baseline['p95_ms']:.0f} ms"
            found["baseline_compared"].append(Seen("passed", against))
    if fact.requests:
        text = f"{fact.failed} of {fact.requests} requests failed"
        found["error_rates"].append(Seen("passed", text))
    used = {"CPU": fact.cpu_percent, "memory": fact.memory_percent}
    seen = [f"{name} {value:.0f} %" for name, value in used.items() if value is not None]
    if seen:
        found["resource_utilization"].append(Seen("passed", ", ".join(seen)))


def _monitoring(facts: Facts, found: dict[str, list[Seen]]) -> None:
    fact = facts.monitoring
    if fact is None:
        return
    for rule in fact.rules:
        found["alerts_configured"].append(Seen("passed", f"rule {rule} is loaded"))
        if rule in BY_RULE:
            found[BY_RULE[rule]].append(Seen("passed", f"rule {rule} is loaded"))
    for dashboard in fact.dashboards:
        found["dashboards"].append(Seen("passed", dashboard))
