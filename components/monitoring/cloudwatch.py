"""Alarms, a dashboard, logs and notifications at AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

import pulumi
import pulumi_aws as aws

from components.contract.alerting.rules import RULES, RUNBOOK, Limits, Rule, limits_of
from components.contract.statistics import CloudWatchAddress
from components.monitoring import cloudwatch_agent, cloudwatch_alarms
from components.monitoring.base import PAGERDUTY, MonitoringArgs
from components.monitoring.cloudwatch_alarms import Watched
from components.monitoring.cloudwatch_topics import Listeners, Topics
from components.physical_names import within

NAME_LIMIT = 255


@dataclass(frozen=True, kw_only=True)
class CloudWatchArgs:
    """`prefix` begins names, `address` is that of the load balancer's statistics.

    The pods are those of a `namespace` in an EKS `cluster`. `log_days` is rounded up to what
    CloudWatch Logs takes.
    """

    prefix: str
    tags: Mapping[str, str]
    limits: pulumi.Output[Limits]
    address: pulumi.Output[str]
    cluster: pulumi.Output[str]
    namespace: pulumi.Output[str]
    listeners: Listeners
    log_days: int = 30

    def __post_init__(self) -> None:
        """Raise ValueError where logs would be kept for no time, or longer than is possible."""
        if not 1 <= self.log_days <= cloudwatch_agent.KEPT_DAYS[-1]:
            raise ValueError(f"log_days: expected 1 to 3653, got {self.log_days}")


class CloudWatchMonitoring(pulumi.ComponentResource):
    """The five rules as alarms, who is told, and what there is to look at.

    The connection pool is known only to the application: its alarm lacks data until the
    application writes JSON lines with `db_pool_used_percent` to its log.
    """

    TYPE: ClassVar[str] = "slipway:monitoring:CloudWatch"
    summary: pulumi.Output[dict[str, object]]

    def __init__(
        self, name: str, args: CloudWatchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare topics, logs, alarms and the dashboard."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        self._topics = Topics(
            f"{name}-topics", args.prefix, args.tags, args.listeners, self._inside
        )
        logs = cloudwatch_agent.declare(
            f"{name}-logs", args.cluster, args.tags, args.log_days, self._inside
        )
        self._watched: pulumi.Output[Watched] = pulumi.Output.all(
            args.address, args.cluster, args.namespace
        ).apply(self._looked_at)
        self._pool(logs)
        alarms = [self._alarm(rule) for rule in RULES.values()]
        board = self._dashboard(alarms)
        self.summary = pulumi.Output.all(board.dashboard_name, self._watched).apply(self._told)
        self.register_outputs({"summary": self.summary})

    def _looked_at(self, known: list[str]) -> Watched:
        address, cluster, namespace = known
        return Watched(
            prefix=self._args.prefix,
            address=CloudWatchAddress.parse(address),
            cluster=cluster,
            namespace=namespace,
        )

    def _alarm(self, rule: Rule) -> aws.cloudwatch.MetricAlarm:
        args, topics = self._args, self._topics.of(rule.severity)
        minutes = args.limits.apply(rule.minutes)
        blind = rule.kind in cloudwatch_alarms.BLIND
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{rule.name}",
            name=within(NAME_LIMIT, f"{args.prefix}-{rule.name}"),
            alarm_description=args.limits.apply(
                lambda limits: f"{rule.severity}: {rule.summary(limits)}. See {RUNBOOK}."
            ),
            comparison_operator="GreaterThanThreshold",
            threshold=args.limits.apply(partial(cloudwatch_alarms.threshold, rule.kind)),
            evaluation_periods=minutes,
            datapoints_to_alarm=minutes,
            metric_queries=self._watched.apply(partial(cloudwatch_alarms.queries, rule.kind)),
            # Without traffic there is no error; without numbers of the pool nobody knows.
            treat_missing_data="missing" if blind else "notBreaching",
            alarm_actions=topics,
            ok_actions=topics,
            tags={**args.tags, "severity": rule.severity},
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._topics.ready),
        )

    def _pool(self, logs: aws.cloudwatch.LogGroup) -> None:
        field = f"$.log_processed.{cloudwatch_alarms.POOL_FIELD}"
        aws.cloudwatch.LogMetricFilter(
            f"{self._name}-pool",
            name=within(NAME_LIMIT, f"{self._args.prefix}-pool"),
            log_group_name=logs.name,
            pattern=f"{{ {field} = * }}",
            metric_transformation={
                "name": cloudwatch_alarms.POOL_METRIC,
                "namespace": self._watched.apply(lambda watched: watched.pool_namespace),
                "value": field,
            },
            opts=self._inside,
        )

    def _dashboard(self, alarms: list[aws.cloudwatch.MetricAlarm]) -> aws.cloudwatch.Dashboard:
        known: pulumi.Output[list[Any]] = pulumi.Output.all(
            self._args.limits, self._watched, pulumi.Output.all(*(each.arn for each in alarms))
        )
        return aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=within(NAME_LIMIT, self._args.prefix),
            dashboard_body=known.apply(lambda k: cloudwatch_alarms.body(*k)),
            opts=self._inside,
        )

    def _told(self, known: list[Any]) -> dict[str, object]:
        board, watched = known
        region = watched.address.region
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        return {
            "platform": "cloudwatch",
            "address": watched.address.url,
            "prefix": self._args.prefix,
            "alert_rules": len(RULES),
            "rules": [rule.name for rule in RULES.values()],
            "dashboards": [f"{console}#dashboards/dashboard/{quote(board)}"],
            "channels": self._args.listeners.channels,
            "blind": [RULES[kind].name for kind in cloudwatch_alarms.BLIND],
        }


def declare(
    name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None
) -> CloudWatchMonitoring:
    """Declare monitoring of an environment behind AWS's load balancer, on EKS."""
    foundation, settings = args.foundation, args.foundation.settings
    cluster = foundation.cluster.cluster_name
    if settings.load_balancer_platform != "aws_alb" or cluster is None:
        raise ValueError(
            "slipway:monitoringPlatform cloudwatch needs slipway:backendPlatform aws_eks and "
            f"slipway:loadBalancerPlatform aws_alb; they are {settings.backend_platform} and "
            f"{settings.load_balancer_platform}"
        )
    return CloudWatchMonitoring(
        name,
        CloudWatchArgs(
            prefix=foundation.prefix,
            tags=foundation.tags(),
            limits=foundation.state.apply(limits_of),
            address=args.load_balancer.statistics_url,
            cluster=cluster,
            namespace=foundation.cluster.namespace,
            listeners=Listeners(
                email=settings.notification_email,
                slack_workspace=settings.slack_workspace,
                slack_channel=settings.slack_channel,
                pagerduty=args.given.get(PAGERDUTY),
            ),
            log_days=settings.log_retention_days,
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[foundation.aws])),
    )
