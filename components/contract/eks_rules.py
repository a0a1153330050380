"""What the platform `aws_eks` cannot be asked for. Pure."""

from collections.abc import Iterator

from components.contract.settings import Settings


def refused(settings: Settings) -> Iterator[str]:
    """Yield what a cluster at AWS would not do, with its key and what to set instead."""
    if settings.aws_outbound == "endpoints" and settings.database_platform == "neon":
        yield (
            "slipway:awsOutbound is endpoints, and with those alone nothing in the cluster reaches "
            "Neon (slipway:databasePlatform): set it to nat or nat_per_zone"
        )
    if settings.backend_architecture != "amd64":
        yield (
            f"slipway:backendArchitecture is {settings.backend_architecture}, but aws_eks has "
            "nodes of amd64 alone: set it to amd64, or run the backend on the platform kubernetes, "
            "in a cluster with such nodes"
        )
