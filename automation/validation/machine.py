"""Does this machine have what the deployment needs?"""

import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

from automation.builds.store import NEEDED_BYTES
from automation.reports.observed import CheckFact
from components.contract.desired import Address


def disk(folder: Path) -> CheckFact:
    """Check that there is room for a build."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    enough = free >= NEEDED_BYTES
    return CheckFact(
        name="disk",
        status="passed" if enough else "failed",
        details=f"{free / 1e9:.1f} GB free in {existing}",
        remedy="" if enough else f"free some space: {NEEDED_BYTES / 1e9:.0f} GB are needed",
        item="resources_available",
    )


def public_port(address: Address, live: bool) -> CheckFact:
    """Check that the public port is ours, or free."""
    taken = not live and _answers(address.port)
    return CheckFact(
        name="public address",
        status="failed" if taken else "passed",
        details=f"port {address.port} is taken by somebody else" if taken else address.url,
        remedy="free it, or set slipway:publicPort to another port" if taken else "",
        item="network_configured",
    )


def external_services(addresses: Sequence[str]) -> CheckFact:
    """Check that each `host:port` accepts a connection."""
    item = "external_services"
    if not addresses:
        details = "the specification names no external service"
        return CheckFact(name="external services", status="skipped", details=details, item=item)
    silent = [each for each in addresses if not _reachable(each)]
    return CheckFact(
        name="external services",
        status="failed" if silent else "passed",
        details=f"not reachable: {', '.join(silent)}" if silent else f"{len(addresses)} reachable",
        remedy="check `external_services` of the specification and the network" if silent else "",
        item=item,
    )


def _answers(port: int) -> bool:
    return _reachable(f"127.0.0.1:{port}")


def _reachable(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=3):
            return True
    except (OSError, ValueError):
        return False
