"""Flow logs: who talked to whom in a network, and what was refused."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.cluster import iam

if TYPE_CHECKING:
    from components.cluster.network import AwsNetwork, AwsNetworkArgs

SERVICE = "vpc-flow-logs.amazonaws.com"
INTERVAL_SECONDS = 600


def declare(
    network: "AwsNetwork",
    name: str,
    args: "AwsNetworkArgs",
    tags: Callable[[str], dict[str, str]],
) -> None:
    """Declare the logs, and the role that may write into them and nowhere else."""
    inside = pulumi.ResourceOptions(parent=network)
    group = aws.cloudwatch.LogGroup(
        f"{name}-flows", retention_in_days=args.log_days, tags=tags("flows"), opts=inside
    )
    role, _ = iam.role(f"{name}-flows-role", iam.trust(SERVICE), (), tags("flows"), inside)
    aws.iam.RolePolicy(
        f"{name}-flows-policy",
        role=role.name,
        policy=iam.policy(
            {
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                "Resource": pulumi.Output.concat(group.arn, ":*"),
            }
        ),
        opts=inside,
    )
    aws.ec2.FlowLog(
        f"{name}-flow-log",
        vpc_id=network.vpc.id,
        traffic_type="ALL",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=INTERVAL_SECONDS,
        tags=tags("flows"),
        opts=inside,
    )
