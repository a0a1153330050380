"""CloudWatch, its logs, and SNS."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.plugins.aws.forwarded.calls import Call, Calling, Forwarded, id_as, pascal

ALARM = {
    "name": "AlarmName",
    "okActions": "OKActions",
    "metricQueries": "Metrics",
    "metric": "MetricStat",
}


def _alarm(calling: Calling) -> dict[str, Any]:
    plain = {k: v for k, v in calling.inputs.items() if k not in ("tags", "region", "__defaults")}
    plain["dimensions"] = _dimensions(plain.get("dimensions"))
    plain["metricQueries"] = [_query(each) for each in plain.get("metricQueries") or ()]
    queries = plain.pop("metricQueries")
    found = pascal({k: v for k, v in plain.items() if v not in (None, [])}, ALARM)
    return {**found, "Metrics": queries}


def _dimensions(given: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in (given or {}).items()]


def _query(given: Mapping[str, Any]) -> dict[str, Any]:
    metric = given.get("metric")
    found: dict[str, Any] = {"Id": given["id"], "ReturnData": given.get("returnData", False)}
    found |= dict(_labelled(given))
    if metric:
        named = {"Namespace": metric.get("namespace"), "MetricName": metric["metricName"]}
        dimensions = pascal(_dimensions(metric.get("dimensions")), {})
        found["MetricStat"] = {
            "Metric": {**named, "Dimensions": dimensions},
            "Period": metric["period"],
            "Stat": metric["stat"],
        }
    return found


def _labelled(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("expression", "label", "period"):
        if given.get(name) is not None:
            yield name.capitalize(), given[name]


FORWARDED: Mapping[str, Forwarded] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": Forwarded(
        create=(Call("cloudwatch", "put_metric_alarm", _alarm),),
        update=(Call("cloudwatch", "put_metric_alarm", _alarm),),
        delete=(Call("cloudwatch", "delete_alarms", lambda c: {"AlarmNames": [c.inputs["name"]]}),),
        read=Call("cloudwatch", "describe_alarms", lambda c: {"AlarmNames": [c.inputs["name"]]}),
        there=lambda answer, thing: bool(answer["MetricAlarms"]),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Forwarded(
        create=(
            Call(
                "cloudwatch",
                "put_dashboard",
                lambda c: {
                    "DashboardName": c.inputs["dashboardName"],
                    "DashboardBody": c.inputs["dashboardBody"],
                },
            ),
        ),
        update=(
            Call(
                "cloudwatch",
                "put_dashboard",
                lambda c: {
                    "DashboardName": c.inputs["dashboardName"],
                    "DashboardBody": c.inputs["dashboardBody"],
                },
            ),
        ),
        delete=(
            Call(
                "cloudwatch",
                "delete_dashboards",
                lambda c: {"DashboardNames": [c.inputs["dashboardName"]]},
            ),
        ),
    ),
    "aws:cloudwatch/logGroup:LogGroup": Forwarded(
        create=(Call("logs", "create_log_group", lambda c: {"logGroupName": c.inputs["name"]}),),
        delete=(Call("logs", "delete_log_group", lambda c: {"logGroupName": c.inputs["name"]}),),
    ),
    "aws:sns/topic:Topic": Forwarded(
        create=(Call("sns", "create_topic", lambda c: {"Name": c.inputs["name"]}),),
        delete=(Call("sns", "delete_topic", id_as("TopicArn")),),
        read=Call("sns", "get_topic_attributes", id_as("TopicArn")),
        made=lambda c: (
            c.first["TopicArn"],
            {"arn": c.first["TopicArn"], "id": c.first["TopicArn"]},
        ),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Forwarded(
        create=(
            Call(
                "sns",
                "subscribe",
                lambda c: {
                    "TopicArn": c.inputs["topic"],
                    "Protocol": c.inputs["protocol"],
                    "Endpoint": c.inputs["endpoint"],
                    "ReturnSubscriptionArn": True,
                },
            ),
        ),
        delete=(Call("sns", "unsubscribe", id_as("SubscriptionArn")),),
        made=lambda c: (c.first["SubscriptionArn"], {"arn": c.first["SubscriptionArn"]}),
    ),
}
