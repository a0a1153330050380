"""Monitoring of one environment, with the operator of Prometheus and with CloudWatch."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.cluster import iam
from components.contract.alerting.rules import Limits
from components.contract.statistics import CloudWatchAddress
from components.monitoring.base import PAGERDUTY, SLACK
from components.monitoring.cloudwatch import CloudWatchArgs, CloudWatchMonitoring
from components.monitoring.cloudwatch_topics import Listeners
from components.monitoring.prometheus_stack import PrometheusArgs, PrometheusMonitoring

config = pulumi.Config()
limits = pulumi.Output.from_input(Limits(p95_milliseconds=float(config.get("p95") or 1000)))
key = pulumi.Output.secret("sentinel-of-a-pager")
space = k8s.core.v1.Namespace("space", metadata={"name": "shop"})
namespace = space.metadata.apply(lambda metadata: metadata["name"])
labels = {"app.kubernetes.io/instance": "shop-production"}
prometheus = PrometheusMonitoring(
    "prometheus",
    PrometheusArgs(
        provider=k8s.Provider("cluster"),
        namespace=namespace,
        application="shop",
        environment="production",
        limits=limits,
        path=pulumi.Output.from_input("/metrics"),
        selector=labels,
        labels=labels,
        email="oncall@example.com",
        credentials={SLACK: pulumi.Output.secret("sentinel-of-a-hook"), PAGERDUTY: key},
    ),
)

role = aws.iam.Role("role", assume_role_policy=iam.trust("eks.amazonaws.com"))
net = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
subnets = [
    aws.ec2.Subnet(
        f"subnet-{index}",
        vpc_id=net.id,
        cidr_block=f"10.0.{index}.0/24",
        availability_zone=f"eu-central-1{zone}",
    )
    for index, zone in enumerate("ab")
]
inside = {"subnet_ids": [each.id for each in subnets]}
cluster = aws.eks.Cluster("shop", name="shop", role_arn=role.arn, vpc_config=inside)
address = CloudWatchAddress(
    region="eu-central-1",
    load_balancer="app/shop/0123456789abcdef",
    target_groups={"blue": "targetgroup/shop-blue/1", "green": "targetgroup/shop-green/2"},
)
cloudwatch = CloudWatchMonitoring(
    "cloudwatch",
    CloudWatchArgs(
        prefix="shop-production",
        tags={"application": "shop", "environment": "production"},
        limits=limits,
        address=pulumi.Output.from_input(address.url),
        cluster=cluster.name,
        namespace=namespace,
        listeners=Listeners(
            email="oncall@example.com",
            slack_workspace="T0AAAA",
            slack_channel="C0BBBB",
            pagerduty=key,
        ),
    ),
)
pulumi.export("prometheus", prometheus.summary)
pulumi.export("cloudwatch", cloudwatch.summary)
