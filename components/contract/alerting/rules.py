"""The five alert rules, whoever evaluates them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.contract.base import Contract
from components.contract.desired import DesiredState

RUNBOOK = "docs/runbook.md, An alert woke you"
"""What to read next, in the words of every hint."""
Kind = Literal["error_rate", "p95", "cpu", "memory", "connection_pool"]


class Limits(Contract):
    """What the rules allow, and for how many minutes more than that is put up with."""

    error_rate_percent: float = 5.0
    error_rate_minutes: int = 5
    p95_milliseconds: float = 1000.0
    p95_minutes: int = 5
    cpu_percent: float = 80.0
    cpu_minutes: int = 10
    memory_percent: float = 85.0
    memory_minutes: int = 10
    connection_pool_percent: float = 90.0
    connection_pool_minutes: int = 5


@dataclass(frozen=True)
class Rule:
    """What is wrong, and how bad that is. `told` has `{limit}` in it."""

    kind: Kind
    name: str
    severity: Literal["critical", "high", "medium"]
    unit: Literal["percent", "milliseconds"]
    told: str

    def limit(self, limits: Limits) -> float:
        """Return the value above which the rule is broken, in the rule's unit."""
        return float(getattr(limits, f"{self.kind}_{self.unit}"))

    def minutes(self, limits: Limits) -> int:
        """Return for how long that has to last."""
        return int(getattr(limits, f"{self.kind}_minutes"))

    def summary(self, limits: Limits) -> str:
        """Return the rule in words, for whom it wakes up."""
        told = self.told.format(limit=f"{self.limit(limits):g}")
        return f"{told} for {self.minutes(limits)} minutes"


RULES: Mapping[Kind, Rule] = {
    rule.kind: rule
    for rule in (
        Rule(
            "error_rate",
            "HighErrorRate",
            "critical",
            "percent",
            "More than {limit} % of the requests failed",
        ),
        Rule(
            "p95",
            "HighLatencyP95",
            "high",
            "milliseconds",
            "p95 of the response time above {limit} ms",
        ),
        Rule("cpu", "HighCpu", "medium", "percent", "CPU above {limit} %"),
        Rule("memory", "HighMemory", "medium", "percent", "Memory above {limit} %"),
        Rule(
            "connection_pool",
            "DbPoolSaturated",
            "high",
            "percent",
            "More than {limit} % of the database connections in use",
        ),
    )
}
LEAST_REQUESTS_PER_SECOND = 0.1
"""Below this an error rate says nothing: one failed request would be most of the traffic."""


def limits_of(state: DesiredState) -> Limits:
    """Return the limits of the release that is live, else of the one on its way, else the usual.

    What a release brings takes effect when it has the traffic, and goes back with it.
    """
    target = state.releases.get(state.rollout.target) if state.rollout else None
    release = state.live_release() or target
    known = release.thresholds if release else {}
    return Limits(**{key: each for key, each in known.items() if key in Limits.model_fields})
