"""What the platforms of one environment share, each thing declared when it is first asked for."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import pulumi

from components import platforms
from components.contract import names
from components.contract.desired import DesiredState
from components.contract.platforms import CLUSTERS
from components.contract.settings import Settings
from components.host import Host, HostArgs
from components.settings import Inputs

if TYPE_CHECKING:
    from components.cluster.base import Cluster

SHARED = "shared"
"""Stands for the release on what belongs to none: a new release must not touch all resources."""


class Foundation:
    """This machine, the cluster and the cloud's provider of one environment.

    A platform takes what it needs; what no platform takes is not there. `parent` is whom they
    belong to, `name` how their names begin.
    """

    def __init__(self, name: str, inputs: Inputs, parent: pulumi.Resource) -> None:
        self.name, self.environment = name, inputs.environment
        self.settings: Settings = inputs.settings
        self.state: pulumi.Output[DesiredState] = inputs.state
        self._inputs, self._parent = inputs, parent

    @property
    def application(self) -> str:
        """Return the application's name as clouds take it: lower-case letters, digits, hyphens."""
        return names.plain(self.settings.application)

    @property
    def prefix(self) -> str:
        """Return how the names of physical resources begin: `<application>-<environment>`."""
        return names.prefix(self.settings.application, self.environment)

    @property
    def backend_domain(self) -> str:
        """Return the host name of the load balancer."""
        return self.settings.backend_host

    def tags(self, release: str = SHARED) -> dict[str, str]:
        """Return the tags of a resource; `release` is the one that it belongs to alone."""
        tags = {
            "application": self.application,
            "environment": self.environment,
            "release": release,
            "managed-by": "slipway",
        }
        return {**tags, **({"owner": self.settings.owner} if self.settings.owner else {})}

    def options(self, **more: object) -> pulumi.ResourceOptions:
        """Return the options of something that belongs to the whole environment."""
        return pulumi.ResourceOptions(parent=self._parent, **more)  # type: ignore[arg-type]

    @cached_property
    def host(self) -> Host:
        """Return this machine, for the platforms that run here."""
        settings = self.settings
        args = HostArgs(
            folder=self._inputs.run,
            state=self.state,
            replicas={
                "backend": settings.backend_replicas,
                "frontend": settings.frontend_replicas,
            },
            public_port=settings.public_port,
        )
        return Host(f"{self.name}-host", args, self.options())

    @cached_property
    def cluster(self) -> "Cluster":
        """Return the cluster that the backend's platform stands for."""
        declare = platforms.load("cluster", self.settings.backend_platform, CLUSTERS)
        found: Cluster = declare(f"{self.name}-cluster", self, self.options())
        return found

    @cached_property
    def aws(self) -> pulumi.ProviderResource:
        """Return the provider of AWS for this environment's region and account."""
        from components.cluster.aws_provider import aws_provider

        found: pulumi.ProviderResource = aws_provider(f"{self.name}-aws", self, self.options())
        return found


def labels(tags: Mapping[str, str], version: str = "") -> dict[str, str]:
    """Return tags as labels of Kubernetes objects, with the recommended ones among them.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    """
    own = {f"slipway/{k}": v for k, v in tags.items() if k in ("environment", "release", "owner")}
    known = {
        "app.kubernetes.io/name": tags["application"],
        "app.kubernetes.io/instance": f"{tags['application']}-{tags['environment']}",
        "app.kubernetes.io/managed-by": tags["managed-by"],
    }
    return {**known, **own, **({"app.kubernetes.io/version": version} if version else {})}
