"""What the program declares for a Prometheus operator, and what Prometheus makes of it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components.contract import outputs
from components.contract.alerting.rules import RUNBOOK, Limits
from components.contract.desired import DesiredState
from components.contract.statistics import PrometheusAddress
from components.monitoring.base import PAGERDUTY, SLACK
from components.monitoring.prometheus_stack import PrometheusArgs, PrometheusMonitoring
from tests.components.clusters import declared, released
from tests.components.examples import live
from tests.doubles.program import Declared, declare
from tests.doubles.scraping import PROMTOOL

NAME = "application-monitoring"
CHOSEN: dict[str, Any] = {
    "monitoring_platform": "prometheus",
    "prometheus_url": "https://prometheus.example.com/",
    "prometheus_labels": "release=stack,team=shop",
    "notification_email": "oncall@example.com",
}
HOOK, KEY = "https://hooks.slack.example/T0/sentinel", "sentinel-of-a-key"


@pytest.fixture(scope="module")
def running() -> Declared:
    return declared(live(released(metrics_path="/internal/metrics")), **CHOSEN)


def alone(**changes: Any) -> Declared:
    def program() -> dict[str, pulumi.Output[Any]]:
        known: dict[str, Any] = {
            "provider": pulumi.ProviderResource("kubernetes", "cluster", {}),
            "namespace": pulumi.Output.from_input("shop"),
            "application": "shop",
            "environment": "production",
            "limits": pulumi.Output.from_input(Limits()),
            "path": pulumi.Output.from_input("/metrics"),
            "selector": {"app": "shop"},
        }
        made = PrometheusMonitoring("alone", PrometheusArgs(**{**known, **changes}))
        return {"summary": made.summary}

    return declare(program)


def with_receivers() -> Declared:
    given = {SLACK: HOOK, PAGERDUTY: KEY}
    credentials = {key: pulumi.Output.secret(value) for key, value in given.items()}
    return alone(credentials=credentials, email="oncall@example.com")


def groups(found: Declared, name: str = NAME) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = found.inputs[f"{name}-rules"]["spec"]["groups"]
    return made


def test_each_of_the_five_rules_is_there_and_carries_its_severity(running: Declared) -> None:
    rules = {rule["alert"]: rule for group in groups(running) for rule in group["rules"]}

    assert {name: rule["labels"]["severity"] for name, rule in rules.items()} == {
        "HighErrorRate": "critical",
        "HighLatencyP95": "high",
        "DbPoolSaturated": "high",
        "HighCpuContainer": "medium",
        "HighMemoryContainer": "medium",
    }
    # Alertmanager's routes of a namespace see nothing else
    assert {rule["labels"]["namespace"] for rule in rules.values()} == {"todo-staging"}
    assert {rule["annotations"]["description"] for rule in rules.values()} == {f"See {RUNBOOK}."}
    assert all('app="todo",env="staging"' in rules[name]["expr"] for name in list(rules)[:3])


def test_the_thresholds_are_those_of_the_release_that_is_live() -> None:
    old = released("1-a").model_copy(update={"thresholds": {"p95_milliseconds": 250.0}})
    new = released("2-b").model_copy(update={"thresholds": {"p95_milliseconds": 900.0}})

    rules = groups(declared(live(old, new), **CHOSEN))[0]["rules"]

    assert rules[1]["expr"].endswith("> 0.25")


def test_a_threshold_that_nobody_knows_here_is_passed_over() -> None:
    newer = released().model_copy(update={"thresholds": {"disk_percent": 1.0, "cpu_minutes": 3.0}})

    found = groups(declared(live(newer), **CHOSEN))

    assert [rule["for"] for rule in found[1]["rules"]] == ["3m", "10m"]


def test_both_slots_are_scraped_and_told_apart(running: Declared) -> None:
    spec = running.inputs[f"{NAME}-scraping"]["spec"]
    (endpoint,) = spec["endpoints"]
    services = {
        name: found["metadata"]["labels"]
        for name, found in running.inputs.items()
        if name.startswith("application-load-balancer-service-")
    }

    assert len(services) == 2
    for labels in services.values():
        assert labels.items() >= spec["selector"]["matchLabels"].items()
    assert (endpoint["port"], endpoint["path"]) == ("http", "/internal/metrics")
    assert [each.get("targetLabel") for each in endpoint["relabelings"]] == [
        None,
        "slot",
        "release",
        "app",
        "env",
    ]


def test_what_pods_are_labelled_with_is_what_the_relabelling_reads(running: Declared) -> None:
    template = running.inputs["application-backend-blue"]["spec"]["template"]["metadata"]

    assert template["labels"]["slipway/release"] == "1.0.0-aa"
    assert template["labels"]["slipway/slot"] == "blue"


def test_the_operator_finds_its_objects_by_the_labels_that_it_looks_for(running: Declared) -> None:
    for noun in ("rules", "scraping", "routing"):
        labels = running.inputs[f"{NAME}-{noun}"]["metadata"]["labels"]

        assert labels.items() >= {"release": "stack", "team": "shop"}.items()
        assert labels["slipway/owner"] == "shop-team"


def test_a_credential_of_a_receiver_is_in_a_secret_and_nowhere_else() -> None:
    found = with_receivers()

    assert found.inputs["alone-receivers"]["stringData"] == {SLACK: HOOK, PAGERDUTY: KEY}
    assert "stringData" in found.secret_inputs["alone-receivers"]
    others = {name: each for name, each in found.inputs.items() if name != "alone-receivers"}
    assert "sentinel" not in json.dumps([others, found.outputs], default=str)


def test_everybody_is_told_of_everything_but_a_pager_only_of_what_is_urgent() -> None:
    spec = with_receivers().inputs["alone-routing"]["spec"]

    hook = spec["receivers"][2]["slackConfigs"][0]["apiURL"]
    assert hook == {"name": "alone-receivers-1a2b3c4d", "key": SLACK}
    routes = {route["receiver"]: route for route in spec["route"]["routes"]}
    assert list(routes) == ["email", "slack", "pagerduty"]
    assert all(route["continue"] for route in routes.values())
    assert routes["pagerduty"]["matchers"][0]["value"] == "critical|high"
    assert {each["name"] for each in spec["receivers"]} == {"nobody", *routes}


def test_without_a_channel_nobody_is_told_and_the_summary_says_so() -> None:
    found = alone()

    assert not {"alone-routing", "alone-receivers"} & set(found.inputs)
    assert found.outputs["summary"]["channels"] == []


def test_a_credential_that_no_receiver_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="expected SLACK_WEBHOOK_URL or PAGERDUTY_ROUTING_KEY"):
        alone(credentials={"TEAMS": pulumi.Output.secret("x")})


def test_the_driver_is_told_what_is_in_place(running: Declared) -> None:
    summary = running.outputs[outputs.MONITORING]

    assert summary["platform"] == "prometheus"
    assert summary["alert_rules"] == len(summary["rules"]) == 5
    assert summary["channels"] == ["email"]
    assert summary["address"] == running.outputs[outputs.EDGE_STATISTICS_URL]


def test_the_driver_is_told_whose_series_are_meant(running: Declared) -> None:
    address = PrometheusAddress.parse(running.outputs[outputs.EDGE_STATISTICS_URL])

    assert address.base_url == "https://prometheus.example.com"
    assert (address.application, address.environment) == ("todo", "staging")


def test_the_dashboard_is_one_that_grafana_finds(running: Declared) -> None:
    found = running.inputs[f"{NAME}-dashboard"]

    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    (text,) = found["data"].values()
    assert len(json.loads(text)["panels"]) == 6
    assert 'namespace="todo-staging"' in text.replace('\\"', '"')


@pytest.mark.parametrize("state", [DesiredState(), live(released())], ids=["nothing", "a release"])
def test_the_same_is_declared_whatever_is_live(state: DesiredState, running: Declared) -> None:
    found = declared(state, **CHOSEN)

    assert found.types() == running.types()


@pytest.mark.skipif(PROMTOOL is None, reason="Debian's package `prometheus` is not installed")
def test_prometheus_takes_the_rules(running: Declared, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": groups(running)}))

    done = subprocess.run(
        [str(PROMTOOL), "check", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 rules found" in done.stdout
