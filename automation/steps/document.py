"""Write down what happened, for people and for machines."""

from collections.abc import Callable, Iterable

from automation import versioning
from automation.context import Context
from automation.events import StepNotes
from automation.holder import owner
from automation.reports.assembly import build_report
from automation.reports.nulls import unexplained
from automation.reports.write import write
from components.contract import outputs
from components.contract.files import replace

Part = Callable[[Context], None]


def run(context: Context, notes: StepNotes) -> None:
    """Collect what the documents need besides the facts of the other steps."""
    _collect(context, PARTS)
    notes.message = str(context.folder)


def _commits(context: Context) -> None:
    previous = context.facts.previous
    if context.application is not None and context.release is not None:
        context.facts.commits = versioning.commits(
            context.application,
            previous.commit if previous else None,
            context.release.commit,
        )


def _origin(context: Context) -> None:
    context.facts.owner = context.settings.owner or owner()
    context.facts.logs["this deployment"] = str(context.folder)
    run_folder = context.outputs.get(outputs.RUN_DIRECTORY)
    if run_folder:
        context.facts.logs["replicas, Envoy and Postgres"] = f"{run_folder}/logs"


def _manifest(context: Context) -> None:
    manifest = context.folder / "desired-state.json"
    replace(manifest, context.redactor.text(context.declared.model_dump_json(indent=1)))
    context.facts.manifest = str(manifest)


PARTS: tuple[Part, ...] = (_commits, _origin, _manifest)
"""The manifest is last: it is of what was declared."""


def _catch_up(context: Context) -> None:
    """Collect it for a deployment that did not come to its step `document`."""
    if context.facts.step("document") is None:
        _collect(context, PARTS if context.touched else PARTS[:-1])


def _collect(context: Context, parts: Iterable[Part]) -> None:
    for part in parts:
        try:
            part(context)
        except Exception as missed:  # noqa: BLE001 - how the deployment ended is what counts
            context.events.note(f"not in the report: {type(missed).__name__}: {missed}")


def publish(context: Context) -> dict[str, str]:
    """Write the report and everything beside it; return name -> path.

    Called at the very end, however it came, so that the documents know all of it.
    """
    _catch_up(context)
    report = build_report(context.facts)
    missing = unexplained(report)
    if missing:
        # A report must not be lost over a missing reason; a test sees to it that none is.
        context.events.note(f"the report has values without a reason: {', '.join(missing)}")
    paths = write(report, context.facts, context.folder, redactor=context.redactor)
    latest = context.home.environment(context.environment) / "latest"
    replace(latest, context.deployment)
    return {name: str(path) for name, path in paths.items()}
