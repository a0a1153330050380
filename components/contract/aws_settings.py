"""Keys of an environment with parts at AWS."""

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from components.contract.base import Contract

ELSEWHERE = re.compile(r"^(cn|us-gov|[a-z]{2}-iso[a-z]?)-")
"""How regions begin whose ARNs do not begin with `arn:aws:`."""


class AwsSettings(Contract):
    """What is asked of AWS."""

    aws_region: str = Field(
        "us-east-1",
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
        description="AWS: region of everything; none in China, GovCloud or isolated partitions.",
    )
    aws_account: str = Field(
        "",
        pattern=r"^(\d{12})?$",
        description="AWS: the account that is expected; empty, that of the credentials.",
    )
    aws_deletion_protection: bool = Field(
        True,
        description="`production`: AWS refuses to delete cluster and load balancer; "
        "set to false and deploy before a `destroy`.",
    )
    aws_zones: int = Field(3, ge=2, le=3, description="`aws_eks`: availability zones.")
    aws_network: str = Field(
        "10.0.0.0/16", description="`aws_eks`: addresses of the network, as CIDR, /16 to /20."
    )
    aws_outbound: Literal["nat", "nat_per_zone", "endpoints"] = Field(
        "nat",
        description="`aws_eks`: how private subnets reach out; `endpoints` is refused with `neon`, "
        "and so in every environment: it is for who uses the component alone.",
    )
    eks_version: str = Field(
        "1.34", pattern=r"^1\.\d{2}$", description="`aws_eks`: version of Kubernetes."
    )
    eks_nodes: Literal["auto", "managed"] = Field(
        "auto", description="`aws_eks`: nodes by EKS Auto Mode, or in a managed node group."
    )
    eks_instance_type: str = Field(
        "t3.large", description="`aws_eks`: instance type of a managed node group."
    )
    eks_minimum_nodes: int = Field(2, ge=1, le=100, description="`aws_eks`: nodes at least.")
    eks_maximum_nodes: int = Field(6, ge=1, le=100, description="`aws_eks`: nodes at most.")
    eks_administrators: tuple[str, ...] = Field(
        (),
        description="`aws_eks`: ARNs of IAM roles with all rights there, besides whoever made it.",
    )
    eks_public_cidrs: tuple[str, ...] = Field(
        ("0.0.0.0/0",),
        description="`aws_eks`: who may reach the API server from outside, as CIDRs; none, nobody.",
    )
    alb_access_logs_bucket: str = Field(
        "", description="`aws_alb`: existing S3 bucket for access logs; empty, none are kept."
    )
    route53_zone: str = Field(
        "", description="`aws_route53`: name of the hosted zone; it has to exist."
    )
    secrets_rotation_days: int = Field(
        0,
        ge=0,
        le=1000,
        description="`aws_secrets_manager`: days between rotations; 0, none.",
    )
    secrets_rotation_lambda: str = Field(
        "",
        pattern=r"^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:\S+)?$",
        description="`aws_secrets_manager`: ARN of the function that rotates; needed for the days.",
    )

    @field_validator("aws_region")
    @classmethod
    def _commercial(cls, value: str) -> str:
        if ELSEWHERE.match(value):
            raise ValueError(
                "is in a partition of its own (China, GovCloud, isolated), where ARNs and host "
                "names are others than Slipway writes: choose a region such as eu-central-1"
            )
        return value

    @model_validator(mode="after")
    def _somebody_rotates(self) -> "AwsSettings":
        if self.secrets_rotation_days and not self.secrets_rotation_lambda:
            raise ValueError("secretsRotationDays needs secretsRotationLambda, who rotates")
        return self
