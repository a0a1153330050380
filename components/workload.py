"""What a replica is given: its environment and its command. Pure."""

from collections.abc import Mapping

from components.contract import references
from components.contract.release import Artifact, Release
from components.contract.values import values_for


def replica_values(values: Mapping[str, str], release: Release, port: int) -> dict[str, str]:
    """Return the values of all references as one replica sees them."""
    return {**values_for(release, values), "port": str(port)}


def environment(artifact: Artifact, values: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a replica. Raise UnknownReference for one without a value."""
    resolved = {
        name: references.resolve(template, values) for name, template in artifact.variables.items()
    }
    return {**resolved, artifact.port_variable: values["port"]}


def command(artifact: Artifact, values: Mapping[str, str]) -> list[str]:
    """Return the command of a replica as argv."""
    return [references.resolve(part, {"port": values["port"]}) for part in artifact.command]
