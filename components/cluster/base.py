"""What every cluster offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi


@dataclass(frozen=True, kw_only=True)
class Network:
    """The network of a cluster at AWS, for what is to reach its pods from outside."""

    vpc: pulumi.Output[str]
    public_subnets: pulumi.Output[list[str]]
    private_subnets: pulumi.Output[list[str]]
    pods_security_group: pulumi.Output[str]


class Cluster(Protocol):
    """`provider` reaches the cluster, `namespace` exists in it. `network` is None where the
    cluster is not known to be at AWS. `target_group_binding` is the API version and kind that
    binds an AWS target group to a Service there. `name` is the cluster's own, None where unknown.
    """

    provider: pulumi.ProviderResource
    namespace: pulumi.Output[str]
    network: Network | None
    target_group_binding: tuple[str, str]
    cluster_name: pulumi.Output[str] | None
