"""Releases: immutable records of what was built."""

from typing import Literal

from pydantic import Field

from components.contract.base import Contract

ServiceName = Literal["frontend", "backend"]
SERVICES: tuple[ServiceName, ...] = ("backend", "frontend")
"""In the order in which a rollout goes forward; a rollback goes the other way."""

ArtifactKind = Literal["node", "static", "python"]


class Artifact(Contract):
    """One built service: where it lies, how it starts and how it is asked for its health.

    `variables` and `command` may hold references (see references.py), never secret values.
    `digest` is the SHA-256 of everything that went into the build, in hexadecimal; `checksum`
    is that of the files that came out. `assets` maps URL prefixes of files whose names change with
    their content to their folders, relative to `path`: they are served after the release is gone.
    `image` is the same artifact as a container image, by digest, and `package` the folder of what
    a hosting platform takes; each is there only where its platform needs it.
    """

    kind: ArtifactKind
    digest: str
    checksum: str
    path: str
    working_directory: str = "."
    command: tuple[str, ...]
    variables: dict[str, str] = Field(default_factory=dict)
    port_variable: str = "PORT"
    route: str = "/"
    strip_route: bool = False
    health_path: str | None = None
    ready_path: str | None = None
    metrics_path: str | None = None
    assets: dict[str, str] = Field(default_factory=dict)
    image: str | None = None
    package: str | None = None
    start_seconds: int = 60
    drain_seconds: int = 20


class Release(Contract):
    """What was built, once: never changed, only served or not.

    `id` is derived from the content, so building the same thing again gives the same release.
    `configuration` is the fingerprint of variables and secret names. `secrets` maps each secret
    that Slipway generates to its length in characters; the values live in the stack's state.
    `required_secrets` are given by the operator; `secret_versions` says which version of each, so
    that a value goes back with its release. `specification` is the specification as it was when the
    release was built, as JSON, so that any machine can verify it or go back to it; `thresholds` are
    the alerting thresholds in it, by name, empty for the usual ones.
    """

    id: str
    version: str
    commit: str | None = None
    created_at: str
    application: str
    frontend: Artifact | None = None
    backend: Artifact | None = None
    alembic_head: str | None = None
    configuration: str
    secrets: dict[str, int] = Field(default_factory=dict)
    required_secrets: tuple[str, ...] = ()
    secret_versions: dict[str, int] = Field(default_factory=dict)
    application_owns_schema: bool = False
    specification: str
    thresholds: dict[str, float] = Field(default_factory=dict)

    def artifact(self, service: ServiceName) -> Artifact | None:
        """Return the artifact of a service, or None where the release has no such service."""
        return self.frontend if service == "frontend" else self.backend
