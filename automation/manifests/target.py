"""What manifests describe: the release that is live, or the first one before there is any."""

from datetime import UTC, datetime
from pathlib import Path

from automation import versioning
from automation.commands.output import Output
from automation.home import PROJECT
from automation.session import open_environment
from automation.settings import StackFile
from automation.specification import loader
from automation.specification.models import Backend, Frontend, Specification
from components.contract.desired import Address, DesiredState, Slot, Slots
from components.contract.release import Artifact, Release
from components.contract.settings import Settings

OPEN_DIGEST = "{{image:digest}}"
"""Stands for the digest of an image that was not made yet; the program hands it through."""
NOT_BUILT = "not-built"
HTTPS = 443
FULL = 100


def target(environment: str, out: Output, app: Path | None) -> tuple[StackFile, DesiredState]:
    """Return the environment's file, and the state that is live or would be first."""
    context, file = open_environment(
        environment, out.listener, out.redactor, application=app, recorded=False
    )
    if context.live.live_release() is not None:
        return file, context.live
    application = context.application or PROJECT / file.settings.application
    return file, first(loader.load(application), file.settings, application)


def first(found: Specification, settings: Settings, application: Path) -> DesiredState:
    """Return a state whose blue slot has a release that nobody built, by its specification."""
    version = versioning.version(application, found)
    release = Release(
        id=f"{version}-first",
        version=version,
        commit=versioning.commit(application),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        application=found.name,
        frontend=_frontend(found.frontend) if found.frontend else None,
        backend=_backend(found.backend, settings) if found.backend else None,
        configuration="",
        secrets={name: s.generate for name, s in found.secrets.items() if s.generate is not None},
        required_secrets=tuple(n for n, s in found.secrets.items() if s.generate is None),
        specification="",
    )
    live = Slot(release=release.id, replicas=settings.backend_replicas, weight=FULL)
    return DesiredState(
        address=Address(host=settings.domain or "localhost", port=HTTPS),
        frontend=Slots(blue=live) if release.frontend else Slots(),
        backend=Slots(blue=live) if release.backend else Slots(),
        releases={release.id: release},
    )


def _frontend(frontend: Frontend) -> Artifact:
    # A framework that turns out to make plain files only is known by its build alone.
    return Artifact(
        kind="static" if frontend.kind == "static" else "node",
        digest="",
        checksum="",
        path="",
        command=(),
        variables={"NEXT_TELEMETRY_DISABLED": "1", **frontend.variables},
        port_variable=frontend.port_variable,
        package=NOT_BUILT,
    )


def _backend(backend: Backend, settings: Settings) -> Artifact:
    return Artifact(
        kind="python",
        digest="",
        checksum="",
        path="",
        command=(),
        variables={"PYTHONUNBUFFERED": "1", **backend.variables},
        port_variable=backend.port_variable,
        route=backend.route,
        strip_route=backend.strip_route,
        health_path=backend.health,
        ready_path=backend.ready,
        metrics_path=backend.metrics,
        image=f"{settings.backend_image_repository or 'backend'}@sha256:{OPEN_DIGEST}",
        start_seconds=backend.start_seconds,
        drain_seconds=backend.drain_seconds,
    )
