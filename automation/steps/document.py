"""Step 11: write down what happened, for people and for machines."""

from automation import versioning
from automation.context import Context
from automation.events import StepNotes
from automation.files import replace
from automation.holder import owner
from automation.reports.assembly import build_report
from automation.reports.nulls import unexplained
from automation.reports.write import write
from components.contract import outputs


def run(context: Context, notes: StepNotes) -> None:
    """Collect what the documents need besides the facts of the other steps."""
    previous = context.facts.previous
    if context.application is not None:
        context.facts.commits = versioning.commits(
            context.application,
            previous.commit if previous else None,
            context.target().commit,
        )
    context.facts.owner = owner()
    run_folder = context.outputs.get(outputs.RUN_DIRECTORY)
    if run_folder:
        context.facts.logs = {
            "replicas, Envoy and Postgres": f"{run_folder}/logs",
            "this deployment": str(context.folder),
        }
    manifest = context.folder / "desired-state.json"
    replace(manifest, context.redactor.text(context.declared.model_dump_json(indent=1)))
    context.facts.manifest = str(manifest)
    notes.message = str(context.folder)


def publish(context: Context) -> dict[str, str]:
    """Write the report and everything beside it; return name -> path.

    Called at the very end, however it came, so that the documents know all of it.
    """
    report = build_report(context.facts)
    missing = unexplained(report)
    if missing:
        # A report must not be lost over a missing reason; a test sees to it that none is.
        context.events.note(f"the report has values without a reason: {', '.join(missing)}")
    paths = write(report, context.facts, context.folder, redactor=context.redactor)
    latest = context.home.environment(context.environment) / "latest"
    replace(latest, context.deployment)
    return {name: str(path) for name, path in paths.items()}
