"""What a backend's container is told by its environment: openly, and secretly. Pure."""

from collections.abc import Mapping

from components import workload
from components.contract import references
from components.contract.outputs import RELEASE_HEADER
from components.contract.release import Artifact, Release

PORT = 8000
"""Of the container. Other containers have other addresses, so that every one may use it."""
OF_THIS_MACHINE = frozenset({"PATH", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"})
"""Variables that name folders of the machine that built; an image has its own."""


def open_variables(
    release: Release, artifact: Artifact, values: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables that anybody may read who may read the deployment.

    uvicorn sends UVICORN_HEADERS with every answer, whatever the load balancer adds.
    """
    plain = _resolved(release, artifact, values, sensitive=False)
    own = {
        "HOME": "/tmp",
        "UVICORN_HEADERS": f"{RELEASE_HEADER}:{release.id}",
        **plain,
        "PORT": str(PORT),
    }
    return dict(sorted(own.items()))


def secret_variables(
    release: Release, artifact: Artifact, values: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables that hold a secret."""
    return _resolved(release, artifact, values, sensitive=True)


def secret_names(artifact: Artifact) -> list[str]:
    """List the variables that hold a secret; their names are none."""
    return sorted(name for name, t in artifact.variables.items() if references.is_sensitive(t))


def _resolved(
    release: Release, artifact: Artifact, values: Mapping[str, str], *, sensitive: bool
) -> dict[str, str]:
    wanted = {
        name: template
        for name, template in artifact.variables.items()
        if references.is_sensitive(template) is sensitive and name not in OF_THIS_MACHINE
    }
    chosen = artifact.model_copy(update={"variables": wanted})
    found = workload.environment(chosen, workload.replica_values(values, release, PORT))
    # the port is no secret; who asks for secrets alone gets no port
    return found if not sensitive else {name: found[name] for name in wanted}
