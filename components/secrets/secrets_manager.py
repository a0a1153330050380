"""Secrets in AWS Secrets Manager, read by the workload itself and by nobody else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.cluster import iam
from components.cluster.encryption import declare_key
from components.contract.release import Release
from components.secrets.held import held_values

SEED_LENGTH = 64
"""Characters, of 62 kinds: more than the 256 bits that one derived value can hold."""
RECOVERY_DAYS, KEPT_RECOVERY_DAYS = 7, 30
SERVICE_ACCOUNT = "backend"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who may read the bundles: the pods of a service account of a cluster of EKS."""

    cluster: pulumi.Input[str]
    namespace: pulumi.Input[str]
    service_account: str = SERVICE_ACCOUNT


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """The function at AWS Lambda that gives secrets other values, and how often it does."""

    days: int
    function: str


@dataclass(frozen=True, kw_only=True)
class SecretsManagerArgs:
    """`prefix` begins the names of the bundles. `given`, `kept` and `releases` are those of
    `SecretsArgs`. `keep` protects the key and lets what was deleted come back for longer.
    `provider` makes the bundles, which belong to who asks for them.
    """

    prefix: str
    region: str
    provider: pulumi.ProviderResource
    reader: Reader
    releases: pulumi.Output[Mapping[str, Release]]
    given: Mapping[str, pulumi.Output[str]]
    kept: pulumi.Output[dict[str, str]]
    tags: Mapping[str, str]
    rotation: Rotation | None = None
    keep: bool = False


class SecretsManager(pulumi.ComponentResource):
    """Values for the program, and bundles for the workload.

    A bundle is one secret with the secret variables of one slot. All are encrypted with a key of
    this environment alone. What nobody gave is derived from one random value of the state.
    """

    TYPE: ClassVar[str] = "slipway:secrets:SecretsManager"
    values: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, args: SecretsManagerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the key, and the role that reads."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._inside = pulumi.ResourceOptions(parent=self)
        self.values = self._values()
        self._key = declare_key(
            f"{name}-key",
            alias=f"{args.prefix}-secrets",
            description=f"Secrets of {args.prefix}",
            tags=args.tags,
            keep=args.keep,
            opts=self._inside,
        )
        self._role, _ = iam.role(
            f"{name}-reader", iam.trust(iam.PODS, "sts:TagSession"), (), args.tags, self._inside
        )
        self._identity = aws.eks.PodIdentityAssociation(
            f"{name}-reader-identity",
            cluster_name=args.reader.cluster,
            namespace=args.reader.namespace,
            service_account=args.reader.service_account,
            role_arn=self._role.arn,
            tags=dict(args.tags),
            opts=self._inside,
        )
        self.register_outputs({})

    def bundle(
        self, name: str, content: pulumi.Output[dict[str, str]], opts: pulumi.ResourceOptions
    ) -> pulumi.Output[str]:
        """Keep the secret variables of one slot; return the ARN, `#` and the id of the version.

        Where somebody rotates, the ARN alone: the newest version is the one to read.
        """
        args = self._args
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=args.provider))
        secret = aws.secretsmanager.Secret(
            f"{name}-bundle",
            # Not a name of its own: that of a deleted secret stays taken for days.
            name_prefix=f"{args.prefix}/{name}-",
            description=f"Secret variables of {name}",
            kms_key_id=self._key.arn,
            recovery_window_in_days=KEPT_RECOVERY_DAYS if args.keep else RECOVERY_DAYS,
            tags=dict(args.tags),
            opts=opts,
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-bundle-version",
            secret_id=secret.id,
            secret_string=_text(content),
            opts=opts,
        )
        allowed = self._allow(name, secret, opts)
        if args.rotation is not None:
            self._rotate(name, args.rotation, secret, version, opts)
        known = pulumi.Output.all(
            version.secret_arn, version.version_id, allowed.id, self._identity.id
        )
        # Of the secret variables, this tells where they are and nothing else.
        return pulumi.Output.unsecret(known.apply(self._reference))

    def _reference(self, known: list[Any]) -> str:
        arn, version, *_ = known
        return str(arn) if self._args.rotation else f"{arn}#{version}"

    def _values(self) -> pulumi.Output[dict[str, str]]:
        args = self._args
        seed = random.RandomPassword(
            f"{self._name}-seed",
            length=SEED_LENGTH,
            special=False,
            opts=pulumi.ResourceOptions(parent=self, protect=args.keep),
        )
        return held_values(seed.result, args.releases, args.given, args.kept)

    def _allow(
        self, name: str, secret: aws.secretsmanager.Secret, opts: pulumi.ResourceOptions
    ) -> aws.iam.RolePolicy:
        read = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
        through = f"secretsmanager.{self._args.region}.amazonaws.com"
        return aws.iam.RolePolicy(
            f"{name}-bundle-reading",
            role=self._role.name,
            policy=iam.policy(
                {"Action": read, "Resource": secret.arn},
                {
                    "Action": ["kms:Decrypt"],
                    "Resource": self._key.arn,
                    "Condition": {"StringEquals": {"kms:ViaService": through}},
                },
            ),
            opts=opts,
        )

    def _rotate(
        self,
        name: str,
        rotation: Rotation,
        secret: aws.secretsmanager.Secret,
        version: aws.secretsmanager.SecretVersion,
        opts: pulumi.ResourceOptions,
    ) -> None:
        aws.secretsmanager.SecretRotation(
            f"{name}-bundle-rotation",
            secret_id=secret.id,
            rotation_lambda_arn=rotation.function,
            rotation_rules={"automatically_after_days": rotation.days},
            # The first value is the one that was just stored.
            rotate_immediately=False,
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[version])),
        )


def _text(content: pulumi.Output[dict[str, str]]) -> pulumi.Output[str]:
    # In order: the same content must be the same text, or there would be another version.
    return pulumi.Output.secret(content.apply(lambda known: json.dumps(known, sort_keys=True)))
