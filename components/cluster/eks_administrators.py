"""Who has all rights in a cluster of EKS, besides whoever makes it."""

import hashlib
import re
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
DIGEST_LENGTH = 6


def declare(
    name: str,
    cluster: pulumi.Input[str],
    principals: Sequence[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Declare an entry, with all rights, for each ARN of a role or user."""
    for index, principal in enumerate(dict.fromkeys(principals)):
        called = f"{name}-administrator-{noun(principal)}"
        # Once they were called by their place in the list.
        former = f"{name}-administrator-{index}"
        entry = aws.eks.AccessEntry(
            called,
            cluster_name=cluster,
            principal_arn=principal,
            tags=dict(tags),
            opts=_formerly(former, opts),
        )
        aws.eks.AccessPolicyAssociation(
            f"{called}-policy",
            cluster_name=cluster,
            principal_arn=entry.principal_arn,
            policy_arn=POLICY,
            access_scope={"type": "cluster"},
            opts=_formerly(f"{former}-policy", opts),
        )


def noun(principal: str) -> str:
    """Return what tells a principal from others, wherever in a list it is.

    EKS has one entry for each: a name that moved to another one would ask for a second.
    """
    digest = hashlib.sha256(principal.encode()).hexdigest()[:DIGEST_LENGTH]
    return f"{re.split('[:/]', principal)[-1]}-{digest}"


def _formerly(name: str, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(
        opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name)])
    )
