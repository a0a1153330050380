"""What a cluster at EKS tells CloudWatch: EKS's own add-on, and where its logs go."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.cluster import iam

ADDON = "amazon-cloudwatch-observability"
ACCOUNT = "cloudwatch-agent"
"""Service account of the add-on's agents, in the namespace that it makes."""
POLICY = "CloudWatchAgentServerPolicy"
GROUPS = ("application", "dataplane", "host", "performance")
KEPT_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096),
    *(1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs takes; API reference, PutRetentionPolicy."""


def kept_days(days: int) -> int:
    """Return how long logs are kept: what CloudWatch Logs takes, and at least as long as asked."""
    return next(each for each in KEPT_DAYS if each >= days)


def declare(
    name: str,
    cluster: pulumi.Output[str],
    tags: Mapping[str, str],
    days: int,
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.LogGroup:
    """Declare log groups, and the add-on that fills them; return that of the application's log."""
    groups = {
        noun: aws.cloudwatch.LogGroup(
            f"{name}-{noun}",
            # The agents write into groups of these names, and would make some that never forget.
            name=pulumi.Output.concat("/aws/containerinsights/", cluster, "/", noun),
            retention_in_days=kept_days(days),
            tags=dict(tags),
            opts=opts,
        )
        for noun in GROUPS
    }
    trust = iam.trust(iam.PODS, "sts:TagSession")
    role, allowed = iam.role(f"{name}-agent-role", trust, (POLICY,), tags, opts)
    first = pulumi.ResourceOptions(depends_on=[*groups.values(), *allowed])
    aws.eks.Addon(
        f"{name}-agent",
        cluster_name=cluster,
        addon_name=ADDON,
        pod_identity_associations=[{"role_arn": role.arn, "service_account": ACCOUNT}],
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        tags=dict(tags),
        opts=pulumi.ResourceOptions.merge(opts, first),
    )
    return groups["application"]
