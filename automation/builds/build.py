"""Build a service of an application, or find that it was built before."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from automation.builds import artifact, backend, frontend, inputs, sources
from automation.builds.job import Job
from automation.builds.plan import Plan
from automation.builds.store import Metadata, Store
from automation.errors import BuildFailed, InvalidInput
from automation.specification.models import Backend, Frontend, Service, Specification
from automation.toolchain.cache import Progress
from components.contract.release import Artifact, ServiceName

PLANS: Mapping[ServiceName, Callable[..., Plan]] = {
    "backend": backend.plan,
    "frontend": frontend.plan,
}
CHANGES_AT_RUN_TIME = frozenset({"__pycache__", "cache", ".local"})


@dataclass(frozen=True)
class BuildResult:
    """A built service. `reused`: it was built before, in `seconds` then; `log` is of that time."""

    artifact: Artifact
    reused: bool
    seconds: int
    log: Path
    notes: tuple[str, ...] = ()


def build(
    service: ServiceName,
    specification: Specification,
    app: Path,
    values: Mapping[str, str],
    version: str,
    commit: str | None,
    store: Store,
    *,
    progress: Progress,
    cancelled: threading.Event,
    clock: Callable[[], float] = time.monotonic,
    vercel: str | None = None,
) -> BuildResult:
    """Return the service's artifact, built only where its inputs changed.

    `values` are those of build-time references, `vercel` the Node.js of functions there. Two
    services may be built at once. Raise InvalidInput for paths that are not there, BuildFailed with
    the log's end, and Interrupted when `cancelled` is set; nothing half is left by any of them.
    """
    declared = specification.frontend if service == "frontend" else specification.backend
    if declared is None:
        raise InvalidInput(f"{service}: the specification declares none")
    plan = PLANS[service](declared, app, values, **({"vercel": vercel} if vercel else {}))
    configuration = {**plan.configuration, "service": service}
    with sources.readable(service):
        files = sources.listed(plan.root, declared.exclude)
        digest = inputs.digest(plan.root, files, configuration, inputs.Checksums(store.memory))
    log, found = store.log(service, digest), store.find(service, digest)
    reused = found is not None
    if found is None:
        with logged(log), store.building(service, digest, progress) as folder:
            # Somebody else may have built it while this process waited for the lock.
            found = store.find(service, digest)
            if found is None:
                log.unlink(missing_ok=True)
                job = Job(service, folder, plan.place, plan.variables, log, progress, cancelled)
                found = _make(plan, files, job, digest, Stamp(version, commit, clock))
                store.complete(found)
    return BuildResult(_artifact(declared, found), reused, found.seconds, log, found.notes)


@contextlib.contextmanager
def logged(log: Path) -> Iterator[None]:
    """Name the log, where there is one, in the error of a build that fails in here."""
    try:
        yield
    except BuildFailed as failed:
        failed.log = str(log) if log.exists() else None
        raise


@dataclass(frozen=True)
class Stamp:
    """What a build is marked with, and the clock that times it."""

    version: str
    commit: str | None
    clock: Callable[[], float]


def _make(plan: Plan, files: list[PurePosixPath], job: Job, digest: str, stamp: Stamp) -> Metadata:
    began = stamp.clock()
    with sources.readable(job.service):
        sources.copy(plan.root, files, job.source)
        left_out = sources.environment_files(plan.root)
    for file in left_out:
        job.note(f"{file} is not copied: it may hold credentials")
    recipe = plan.make(job)
    return Metadata(
        service=job.service,
        version=stamp.version,
        commit=stamp.commit,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        digest=digest,
        checksum=inputs.checksum(job.folder, CHANGES_AT_RUN_TIME),
        seconds=round(stamp.clock() - began),
        path=str(job.folder),
        tools=recipe.tools,
        layout=recipe.layout,
        notes=(*plan.notes, *recipe.notes),
    )


def _artifact(declared: Service, found: Metadata) -> Artifact:
    if isinstance(declared, Backend):
        return artifact.backend_artifact(declared, found)
    if isinstance(declared, Frontend):
        return artifact.frontend_artifact(declared, found)
    raise TypeError(f"no artifact of {type(declared).__name__}")
