"""Roles and policies at AWS: who may become what, and what that may do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

VERSION = "2012-10-17"
PODS = "pods.eks.amazonaws.com"
"""Who hands roles out to pods: EKS Pod Identity."""


def trust(service: str, *actions: str) -> str:
    """Return the policy that lets a service, and it alone, take a role on."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sts:AssumeRole", *actions],
    }
    return json.dumps({"Version": VERSION, "Statement": [statement]})


def policy(*statements: Mapping[str, Any]) -> pulumi.Output[str]:
    """Return a policy that allows these; their resources may be outputs."""
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return pulumi.Output.json_dumps({"Version": VERSION, "Statement": allowed})


def role(
    name: str,
    assumed_by: str,
    policies: Sequence[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """Return a role with policies that AWS manages, by their names, and their attachments."""
    made = aws.iam.Role(name, assume_role_policy=assumed_by, tags=dict(tags), opts=opts)
    attached = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy.rpartition('/')[2]}",
            role=made.name,
            policy_arn=f"arn:aws:iam::aws:policy/{policy}",
            opts=opts,
        )
        for policy in policies
    ]
    return made, attached
