"""A real Prometheus evaluates the alert rules over made-up series."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from automation.specification.models import Thresholds
from components.contract.alerting import promql
from components.contract.alerting.promql import Where
from components.contract.alerting.rules import RULES, Limits
from tests.doubles.scraping import PROMTOOL

pytestmark = pytest.mark.skipif(
    PROMTOOL is None, reason="Debian's package `prometheus` is not installed"
)
WHERE = Where("todo", "staging", "shop")
OWN = 'app="todo",env="staging",slot="green"'
OF_APPLICATION = {"app": "todo", "env": "staging", "slot": "green", "namespace": "shop"}
OF_POD = {"namespace": "shop", "pod": "p"}
Series = tuple[str, str]
"""A series, and its values every 15 s in promtool's notation."""


def requests(failed: int, of: int, status: str = "5xx", own: str = OWN) -> list[Series]:
    """Return so many of so many requests in 15 s that fail."""
    good = "2xx" if status.endswith("xx") else "200"
    return [
        (f'http_requests_total{{{own},status="{status}"}}', f"0+{failed}x80"),
        (f'http_requests_total{{{own},status="{good}"}}', f"0+{of - failed}x80"),
    ]


def times(name: str, buckets: dict[str, int]) -> list[Series]:
    """Return how many requests in 15 s take up to each bound."""
    return [
        (f'{name}_bucket{{{OWN},le="{bound}"}}', f"0+{count}x80")
        for bound, count in buckets.items()
    ]


FINE, BY_ROUTE = "http_request_duration_highr_seconds", "http_request_duration_seconds"
SLOW = {"1.0": 90, "1.5": 100, "+Inf": 100}
COARSE = {"0.1": 10, "0.5": 10, "1.0": 20, "+Inf": 100}
"""As instrumentators have them by route: no percentile of theirs is above a second."""


def pool(used: int) -> list[Series]:
    return [
        (f"db_pool_checked_out{{{OWN}}}", f"{used}x80"),
        (f"db_pool_capacity{{{OWN}}}", "15x80"),
    ]


def pod(cpu_milli: int = 0, memory: int = 0, *, limits: bool = True) -> list[Series]:
    """Return a pod that uses so much CPU and memory, and may use 500m and 100."""
    of, kind = 'namespace="shop",pod="p"', "limits" if limits else "requests"
    inside = f'{of},container="backend"'
    allowed = f"kube_pod_container_resource_{kind}"
    return [
        (
            f"container_cpu_usage_seconds_total{{{inside}}}",
            f"0+{15 * cpu_milli / 1000}x80",
        ),
        (f"container_memory_working_set_bytes{{{inside}}}", f"{memory}x80"),
        (f'{allowed}{{{inside},resource="cpu"}}', "0.5x80"),
        (f'{allowed}{{{inside},resource="memory"}}', "100x80"),
    ]


def fired(
    folder: Path, series: Iterable[Series], rule: str, alerts: list[dict[str, Any]], minutes: int
) -> None:
    """See a rule fire with these labels so many minutes after the beginning, or not at all."""
    groups = promql.groups(Limits(), WHERE)
    known = {each["alert"]: each for group in groups for each in group["rules"]}
    expected = [
        {"exp_labels": labels, "exp_annotations": known[rule]["annotations"]} for labels in alerts
    ]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
    case = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series],
        "alert_rule_test": [
            {"eval_time": f"{minutes}m", "alertname": rule, "exp_alerts": expected}
        ],
    }
    (folder / "test.yml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "15s", "tests": [case]})
    )
    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", "test.yml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


FIRES = {
    "errors": (requests(6, 100), "HighErrorRate", "critical", OF_APPLICATION, 12),
    "errors-by-code": (requests(6, 100, "500"), "HighErrorRate", "critical", OF_APPLICATION, 12),
    "slow": (
        [*times(FINE, SLOW), *times(BY_ROUTE, COARSE)],
        "HighLatencyP95",
        "high",
        OF_APPLICATION,
        12,
    ),
    "slow-by-route": (times(BY_ROUTE, SLOW), "HighLatencyP95", "high", OF_APPLICATION, 12),
    "pool": (pool(14), "DbPoolSaturated", "high", OF_APPLICATION, 6),
    "cpu": (pod(cpu_milli=450), "HighCpuContainer", "medium", OF_POD, 17),
    "cpu-without-limit": (
        pod(cpu_milli=450, limits=False),
        "HighCpuContainer",
        "medium",
        OF_POD,
        17,
    ),
    "memory": (pod(memory=90), "HighMemoryContainer", "medium", OF_POD, 12),
}
"""What is beyond a threshold -> the rule that says so, how bad that is, of whom, and when."""


@pytest.mark.parametrize("case", FIRES)
def test_what_is_beyond_its_threshold_for_long_enough_fires(case: str, tmp_path: Path) -> None:
    series, rule, severity, labels, minutes = FIRES[case]

    fired(tmp_path, series, rule, [{**labels, "severity": severity}], minutes)


@pytest.mark.parametrize("case", FIRES)
def test_what_has_not_lasted_does_not_fire(case: str, tmp_path: Path) -> None:
    series, rule, _, _, minutes = FIRES[case]

    fired(tmp_path, series, rule, [], 4 if minutes <= 12 and rule != "HighMemoryContainer" else 9)


QUIET = {
    "few-errors": (requests(4, 100), "HighErrorRate"),
    "one-failed-request-of-hardly-any": (requests(1, 1), "HighErrorRate"),
    "somebody-else": (requests(50, 100, own='app="other",env="staging"'), "HighErrorRate"),
    "quick": (times(FINE, {"0.5": 96, "1.5": 100, "+Inf": 100}), "HighLatencyP95"),
    "pool-with-room": (pool(13), "DbPoolSaturated"),
    "cpu-with-room": (pod(cpu_milli=390), "HighCpuContainer"),
    "memory-with-room": (pod(memory=84), "HighMemoryContainer"),
}


@pytest.mark.parametrize("case", QUIET)
def test_what_is_within_its_threshold_does_not_fire(case: str, tmp_path: Path) -> None:
    series, rule = QUIET[case]

    fired(tmp_path, series, rule, [], 18)


def test_coarse_buckets_alone_would_never_fire(tmp_path: Path) -> None:
    # why the fine ones come first: 80 of 100 requests take longer than a second here
    fired(tmp_path, times(BY_ROUTE, COARSE), "HighLatencyP95", [], 18)


def test_every_rule_has_an_expression_with_its_severity() -> None:
    found = promql.expressions(WHERE)
    rules = {
        rule["alert"]: rule for each in promql.groups(Limits(), WHERE) for rule in each["rules"]
    }

    assert {each.kind for each in found} == set(RULES)
    for each in found:
        assert rules[each.name]["labels"]["severity"] == RULES[each.kind].severity


def test_the_limits_are_those_of_a_specification() -> None:
    assert Thresholds().model_dump() == Limits().model_dump()
