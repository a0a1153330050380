"""Nobody is told: names are looked after elsewhere."""

import pulumi

from components.dns.base import DnsArgs


def declare(name: str, args: DnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
    """Declare nothing."""
