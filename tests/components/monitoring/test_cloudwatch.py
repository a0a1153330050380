"""What the program declares at AWS for whoever has to be told."""

import json
from typing import Any

import pulumi
import pytest

from components.contract.alerting.rules import RULES, RUNBOOK, Limits
from components.contract.statistics import CloudWatchAddress
from components.monitoring import cloudwatch_agent
from components.monitoring.cloudwatch import CloudWatchArgs, CloudWatchMonitoring
from components.monitoring.cloudwatch_topics import Listeners, key_policy, topic_policy
from tests.doubles.program import Declared, declare

KEY = "sentinel-of-a-key"
ACCOUNT = "123456789012"
TAGS = {"application": "shop", "environment": "production", "release": "shared"}
GROUPS = {"blue": "targetgroup/shop-blue/1", "green": "targetgroup/shop-green/2"}
ADDRESS = CloudWatchAddress(
    region="eu-central-1",
    load_balancer="app/shop/0123456789abcdef",
    target_groups=GROUPS,
)
EVERYBODY = Listeners(
    email="oncall@example.com",
    slack_workspace="T0AAAA",
    slack_channel="C0BBBB",
    pagerduty=pulumi.Output.secret(KEY),
)


def alone(**changes: Any) -> Declared:
    def program() -> dict[str, pulumi.Output[Any]]:
        known: dict[str, Any] = {
            "prefix": "shop-production",
            "tags": TAGS,
            "limits": pulumi.Output.from_input(Limits(p95_milliseconds=250, cpu_minutes=3)),
            "address": pulumi.Output.from_input(ADDRESS.url),
            "cluster": pulumi.Output.from_input("shop-production"),
            "namespace": pulumi.Output.from_input("shop"),
            "listeners": EVERYBODY,
            "log_days": 45,
        }
        made = CloudWatchMonitoring("alone", CloudWatchArgs(**{**known, **changes}))
        return {"summary": made.summary}

    return declare(program)


@pytest.fixture(scope="module")
def made() -> Declared:
    return alone()


def alarm(found: Declared, name: str) -> dict[str, Any]:
    return found.inputs[f"alone-{name}"]


def of_type(found: Declared, kind: str) -> dict[str, dict[str, Any]]:
    names = [name for name, each in found.types().items() if each.rpartition("$")[2] == kind]
    return {name: found.inputs[name] for name in names}


def test_each_rule_is_an_alarm_with_the_thresholds_of_the_release(made: Declared) -> None:
    found = of_type(made, "aws:cloudwatch/metricAlarm:MetricAlarm")

    assert {
        name: (each["threshold"], each["evaluationPeriods"]) for name, each in found.items()
    } == {
        "alone-HighErrorRate": (5, 5),
        "alone-HighLatencyP95": (0.25, 5),
        "alone-HighCpu": (80, 3),
        "alone-HighMemory": (85, 10),
        "alone-DbPoolSaturated": (90, 5),
    }
    assert set(found) == {f"alone-{rule.name}" for rule in RULES.values()}
    assert all(each["alarmDescription"].endswith(f". See {RUNBOOK}.") for each in found.values())


def test_an_alarm_compares_one_number(made: Declared) -> None:
    for each in of_type(made, "aws:cloudwatch/metricAlarm:MetricAlarm").values():
        assert sum(query["returnData"] for query in each["metricQueries"]) == 1
        assert each["comparisonOperator"] == "GreaterThanThreshold"


def test_the_error_rate_counts_what_no_replica_answered_and_says_nothing_of_a_few_requests(
    made: Declared,
) -> None:
    *metrics, rate = alarm(made, "HighErrorRate")["metricQueries"]

    assert {query["metric"]["metricName"] for query in metrics} == {
        "RequestCount",
        "HTTPCode_Target_5XX_Count",
        "HTTPCode_ELB_5XX_Count",
    }
    assert all(
        query["metric"]["dimensions"] == {"LoadBalancer": ADDRESS.load_balancer}
        for query in metrics
    )
    assert rate["expression"].startswith("IF(FILL(requests, 0) + FILL(balancer, 0) > 6, 100 * (")


def test_a_rule_without_numbers_is_seen_to_have_none(made: Declared) -> None:
    treated = {
        name: each["treatMissingData"]
        for name, each in of_type(made, "aws:cloudwatch/metricAlarm:MetricAlarm").items()
    }

    assert treated.pop("alone-DbPoolSaturated") == "missing"
    assert set(treated.values()) == {"notBreaching"}
    assert made.outputs["summary"]["blind"] == ["DbPoolSaturated"]


def test_topics_are_encrypted_with_a_key_that_alarms_may_use(made: Declared) -> None:
    topics = of_type(made, "aws:sns/topic:Topic")

    assert set(topics) == {"alone-topics-alerts", "alone-topics-urgent"}
    for name in topics:
        assert "alone-topics-key" in made.dependencies[name]
    assert made.inputs["alone-topics-key"]["enableKeyRotation"] is True
    owner, used = json.loads(key_policy(ACCOUNT))["Statement"]
    assert owner["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert used["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert used["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert "alone-topics-key-policy" in made.dependencies["alone-HighErrorRate"]


def test_only_alarms_of_the_account_publish_and_nobody_without_tls() -> None:
    alarms, plain = json.loads(topic_policy("arn:of-the-topic", ACCOUNT))["Statement"]

    assert alarms["Action"] == ["sns:Publish"]
    assert alarms["Resource"] == "arn:of-the-topic"
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert (plain["Effect"], plain["Principal"]) == ("Deny", "*")
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_somebody_is_woken_up_by_what_is_urgent_alone(made: Declared) -> None:
    subscriptions = of_type(made, "aws:sns/topicSubscription:TopicSubscription")

    assert "alone-topics-urgent" in made.dependencies["alone-topics-pagerduty"]
    assert "alone-topics-alerts" in made.dependencies["alone-topics-email"]
    assert set(subscriptions) == {"alone-topics-email", "alone-topics-pagerduty"}
    told = {rule.severity: len(alarm(made, rule.name)["alarmActions"]) for rule in RULES.values()}
    assert told == {"critical": 2, "high": 2, "medium": 1}


def test_a_key_of_a_pager_is_a_secret_wherever_it_is(made: Declared) -> None:
    assert KEY in made.inputs["alone-topics-pagerduty"]["endpoint"]
    assert "endpoint" in made.secret_inputs["alone-topics-pagerduty"]
    others = {n: each for n, each in made.inputs.items() if n != "alone-topics-pagerduty"}
    assert KEY not in json.dumps([others, made.outputs], default=str)


def test_people_in_a_channel_may_look_and_nothing_else(made: Declared) -> None:
    slack = made.inputs["alone-topics-slack"]

    assert slack["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]
    attached = made.inputs["alone-topics-slack-role-CloudWatchReadOnlyAccess"]
    assert attached["policyArn"] == "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
    trust = json.loads(made.inputs["alone-topics-slack-role"]["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "chatbot.amazonaws.com"}


def test_a_channel_without_its_workspace_is_refused() -> None:
    with pytest.raises(ValueError, match="go together"):
        Listeners(slack_channel="C0BBBB")


def test_logs_are_kept_as_long_as_asked_at_least_and_not_for_ever(made: Declared) -> None:
    groups = of_type(made, "aws:cloudwatch/logGroup:LogGroup")

    assert {each["name"]: each["retentionInDays"] for each in groups.values()} == {
        f"/aws/containerinsights/shop-production/{noun}": 60
        for noun in ("application", "dataplane", "host", "performance")
    }
    # the agents would make groups of their own
    assert set(groups) <= made.dependencies["alone-logs-agent"]


@pytest.mark.parametrize(("asked", "kept"), [(1, 1), (2, 3), (30, 30), (31, 60), (3653, 3653)])
def test_retention_is_one_that_cloudwatch_takes(asked: int, kept: int) -> None:
    assert cloudwatch_agent.kept_days(asked) == kept


@pytest.mark.parametrize("days", [0, 3654])
def test_a_retention_that_is_none_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="log_days: expected 1 to 3653"):
        alone(log_days=days)


def test_the_agents_may_do_what_agents_do_and_nothing_else(made: Declared) -> None:
    addon = made.inputs["alone-logs-agent"]

    assert addon["addonName"] == "amazon-cloudwatch-observability"
    (identity,) = addon["podIdentityAssociations"]
    assert identity["serviceAccount"] == "cloudwatch-agent"
    policies = of_type(made, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {each["policyArn"].rpartition("/")[2] for each in policies.values()} == {
        "CloudWatchAgentServerPolicy",
        "CloudWatchReadOnlyAccess",
    }
    assert not of_type(made, "aws:iam/rolePolicy:RolePolicy")


def test_whatever_can_carry_tags_carries_them(made: Declared) -> None:
    tagged = {name: found["tags"] for name, found in made.inputs.items() if "tags" in found}

    assert len(tagged) == 16
    assert all(tags.items() >= TAGS.items() for tags in tagged.values())


def test_the_dashboard_shows_each_slot_and_each_rule_with_its_limit(made: Declared) -> None:
    widgets = json.loads(made.inputs["alone-dashboard"]["dashboardBody"])["widgets"]
    drawn = {each["properties"]["title"]: each["properties"] for each in widgets}

    assert [line[5] for line in drawn["Requests"]["metrics"]] == [GROUPS["blue"], GROUPS["green"]]
    limits = {
        rule.kind: drawn[rule.name]["annotations"]["horizontal"][0]["value"]
        for rule in RULES.values()
    }
    assert limits["p95"] == 0.25
    assert all(each["region"] == "eu-central-1" for each in drawn.values() if "region" in each)


def test_without_a_listener_nobody_is_told_and_the_summary_says_so() -> None:
    found = alone(listeners=Listeners())

    assert found.outputs["summary"]["channels"] == []
    assert not of_type(found, "aws:sns/topicSubscription:TopicSubscription")


def test_the_driver_is_told_what_is_in_place(made: Declared) -> None:
    summary = made.outputs["summary"]

    assert summary["alert_rules"] == 5
    assert summary["channels"] == ["email", "slack", "pagerduty"]


def test_an_address_is_read_as_it_was_written() -> None:
    assert CloudWatchAddress.parse(ADDRESS.url) == ADDRESS
