"""Make both artifacts, or find that they were made before."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack

from automation import retention, versioning
from automation.builds.build import BuildResult, build, logged
from automation.builds.store import Store
from automation.context import Context
from automation.errors import BuildFailed, Interrupted
from automation.events import StepNotes
from automation.packaging import pack
from automation.reports.observed import BuildFact
from automation.settings import StackFile
from automation.specification.models import Specification
from components.contract.release import SERVICES, ServiceName
from components.contract.values import public_values


def run(context: Context, file: StackFile, notes: StepNotes) -> None:
    """Build what changed, both services at once. Raise BuildFailed with the log's tail."""
    found = with_overrides(context.spec(), file.variables)
    context.specification = found
    assert context.application is not None and context.address is not None
    version = versioning.version(context.application, found)
    commit = versioning.commit(context.application)
    route = found.backend.route if found.backend else "/"
    values = {
        **public_values(context.environment, context.address, route),
        "release.version": version,
        "release.commit": commit or "",
    }
    services = [name for name in SERVICES if getattr(found, name) is not None]
    # Another environment may prune the shared store while this one deploys: what is built or found
    # is held until all of it is on this environment's list.
    with ExitStack() as holds:
        store = Store(context.home.artifacts, holds=holds)
        context.builds = _build_all(
            context,
            services,
            lambda name: _build_one(context, file, name, found, store, values, version, commit),
        )
        paths = [result.artifact.path for result in context.builds.values()]
        retention.hold(context.home, context.environment, paths)
    notes.message = ", ".join(
        f"{name} {'unchanged' if result.reused else f'built in {result.seconds} s'}"
        for name, result in context.builds.items()
    )


def _build_all(
    context: Context, services: Sequence[ServiceName], one: Callable[[ServiceName], BuildResult]
) -> dict[ServiceName, BuildResult]:
    with ThreadPoolExecutor(len(services)) as pool:
        jobs = {name: pool.submit(one, name) for name in services}
        try:
            wait(jobs.values())
        except KeyboardInterrupt:
            # ends the builds' process groups, so that the pool can close
            context.interruption.cancelled.set()
            raise
    _raise_first(jobs)
    return {name: job.result() for name, job in jobs.items()}


def _build_one(
    context: Context,
    file: StackFile,
    name: ServiceName,
    found: Specification,
    store: Store,
    values: Mapping[str, str],
    version: str,
    commit: str | None,
) -> BuildResult:
    assert context.application is not None
    try:
        result = build(
            name,
            found,
            context.application,
            values,
            version,
            commit,
            store,
            progress=context.events.progress,
            cancelled=context.interruption.cancelled,
            vercel=pack.hosting(name, file.settings),
        )
        with logged(result.log):
            result = pack.packed(
                name,
                result,
                found,
                file.settings,
                context.environment,
                progress=context.events.progress,
                cancelled=context.interruption.cancelled,
            )
    except Exception as error:  # a defect ends the other build as well
        _ended(context, name, error)
        context.interruption.cancelled.set()
        raise
    _note(context, name, result)
    return result


def _ended(context: Context, name: ServiceName, error: Exception) -> None:
    if isinstance(error, Interrupted):
        failed = [other for other, fact in context.facts.builds.items() if fact.status == "failed"]
        why = f": the build of the {failed[0]} had failed" if failed else " by a signal"
        context.facts.explain(f"build.{name}", f"cancelled{why}")
        return
    log = error.log if isinstance(error, BuildFailed) else None
    context.facts.builds[name] = BuildFact(status="failed", log=log)


def _note(context: Context, name: ServiceName, result: BuildResult) -> None:
    context.facts.builds[name] = BuildFact(
        status="success",
        seconds=float(result.seconds),
        artifact=result.artifact.path,
        log=str(result.log),
        reused=result.reused,
    )
    for note in result.notes:
        context.events.note(f"{name}: {note}")


def _raise_first(jobs: "Mapping[ServiceName, Future[BuildResult]]") -> None:
    # One failed build ends the other: what is told is why, not that.
    errors = [error for job in jobs.values() if (error := job.exception()) is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, Interrupted)):
        raise error


def with_overrides(found: Specification, variables: Mapping[str, str]) -> Specification:
    """Return the specification with the environment's own values of variables in place."""
    changed: dict[str, object] = {}
    for name in SERVICES:
        service = getattr(found, name)
        if service is not None:
            known = {*service.variables, *service.required_variables}
            own = {key: value for key, value in variables.items() if key in known}
            changed[name] = service.model_copy(update={"variables": {**service.variables, **own}})
    return found.model_copy(update=changed)
