"""The secrets of an environment in AWS Secrets Manager."""

import pulumi

from components.secrets.base import SecretsArgs
from components.secrets.secrets_manager import Reader, Rotation, SecretsManager, SecretsManagerArgs

PRODUCTION = "production"


def declare(
    name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None
) -> SecretsManager:
    """Declare the secrets of an environment whose backend runs on EKS."""
    foundation, settings = args.foundation, args.foundation.settings
    cluster = foundation.cluster
    if cluster.cluster_name is None:
        raise ValueError(
            "slipway:secretsPlatform aws_secrets_manager needs slipway:backendPlatform aws_eks, "
            f"whose pods it gives a role; it is {settings.backend_platform}"
        )
    rotation = Rotation(
        days=settings.secrets_rotation_days, function=settings.secrets_rotation_lambda
    )
    return SecretsManager(
        name,
        SecretsManagerArgs(
            prefix=foundation.prefix,
            region=settings.aws_region,
            provider=foundation.aws,
            reader=Reader(cluster=cluster.cluster_name, namespace=cluster.namespace),
            releases=args.releases,
            given=args.given,
            kept=args.kept,
            tags=foundation.tags(),
            rotation=rotation if settings.secrets_rotation_days else None,
            keep=foundation.environment == PRODUCTION,
        ),
        pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[foundation.aws])),
    )
