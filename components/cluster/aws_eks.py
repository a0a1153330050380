"""The cluster of an environment at AWS."""

import pulumi

from components.cluster import eks_nodes, eks_secret_sync
from components.cluster.eks import NAME_LIMIT, Eks, EksArgs
from components.cluster.network import AwsNetworkArgs
from components.contract.eks_rules import refused
from components.contract.settings import Settings
from components.foundation import Foundation
from components.physical_names import within

PRODUCTION = "production"
SECRETS_MANAGER = "aws_secrets_manager"
"""The platform of secrets that needs an add-on."""


def _check(settings: Settings) -> None:
    for wrong in refused(settings):
        raise ValueError(wrong)


def declare(name: str, foundation: Foundation, opts: pulumi.ResourceOptions) -> Eks:
    """Declare the cluster of an environment as its settings ask for it."""
    settings, tags = foundation.settings, foundation.tags()
    _check(settings)
    called = within(NAME_LIMIT, foundation.prefix)
    args = EksArgs(
        name=called,
        namespace=settings.kubernetes_namespace or foundation.prefix,
        region=settings.aws_region,
        network=AwsNetworkArgs(
            cluster=called,
            region=settings.aws_region,
            tags=tags,
            addresses=settings.aws_network,
            zones=settings.aws_zones,
            outbound=settings.aws_outbound,
        ),
        tags=tags,
        version=settings.eks_version,
        nodes=eks_nodes.NodesArgs(
            tags=tags,
            nodes=settings.eks_nodes,
            managed=eks_nodes.ManagedNodes(
                instance_type=settings.eks_instance_type,
                minimum=settings.eks_minimum_nodes,
                maximum=settings.eks_maximum_nodes,
            ),
            addons=(eks_secret_sync.ADDON,) if settings.secrets_platform == SECRETS_MANAGER else (),
        ),
        administrators=settings.eks_administrators,
        public_cidrs=settings.eks_public_cidrs,
        kept=foundation.environment == PRODUCTION,
        deletion_protection=foundation.environment == PRODUCTION
        and settings.aws_deletion_protection,
    )
    merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(providers=[foundation.aws]))
    return Eks(name, args, merged)
