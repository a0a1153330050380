"""The specification's flows, as several different users, through the public address."""

from collections.abc import Sequence

from automation import site, verdicts
from automation.context import Context
from automation.errors import DeploymentFailed
from automation.events import StepNotes, StepSkipped
from automation.gates.base import Context as GateContext
from automation.gates.base import Verdict
from automation.gates.smoke import SmokeGate
from automation.migrations.connection import Target
from automation.reaching import Slots, slot_client
from automation.reports.happened import FunctionalityFact
from automation.reports.observed import SmokeFact
from automation.smoke.database import ReadOnlyDatabase
from automation.smoke.results import REPORTED, FlowResult, functionality
from automation.smoke.runner import run_flows
from automation.specification.models import Flow


def run(context: Context, notes: StepNotes) -> None:
    """Run the flows. Raise DeploymentFailed where one of severity critical or high failed."""
    found = context.specification
    if found is None or not found.smoke:
        raise StepSkipped("the specification declares no smoke flows")
    context.flows = flows(context, found.smoke)
    record(context)
    result = SmokeGate().evaluate(GateContext(flows=tuple(context.flows)))
    for finding in result.findings:
        context.events.note(finding)
    failed = result.verdict is Verdict.FAIL
    verdicts.record(context, "smoke", result, go_on=not failed)
    if failed:
        raise DeploymentFailed(f"smoke test: {result.reason}")
    verdicts.alive(context)
    notes.message = result.reason


def flows(
    context: Context, declared: Sequence[Flow], slots: Slots | None = None
) -> list[FlowResult]:
    """Run flows and return what each showed; against `slots`, else as the public address leads."""
    query = None
    if context.database is not None:
        query = ReadOnlyDatabase(Target.application(context.database))
    return run_flows(
        declared,
        lambda: (
            slot_client(context, slots, cookies=True)
            if slots
            else site.client(context.outputs, cookies=True)
        ),
        query=query,
        on_result=lambda result: context.events.progress(f"{result.name}: {result.status}"),
    )


def record(context: Context) -> None:
    """Put what the flows showed into the facts."""
    context.facts.smoke = [
        SmokeFact(
            name=flow.name,
            category=flow.category,
            status=flow.status,
            milliseconds=float(flow.duration_ms),
            error=flow.error_message or "",
            severity=flow.severity,
        )
        for flow in context.flows
    ]
    for category, summed in functionality(context.flows).items():
        if category in REPORTED and summed.status != "skipped":
            context.facts.functionality[category] = FunctionalityFact(  # type: ignore[index]
                status=summed.status, details=summed.details
            )
