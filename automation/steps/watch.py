"""Step 12: see telemetry arrive, and put alert rules and a dashboard in place."""

import httpx

from automation import running, site
from automation.context import Context
from automation.events import StepNotes
from automation.files import replace
from automation.gates.base import Context as GateContext
from automation.gates.base import Verdict
from automation.gates.telemetry import TelemetryGate
from automation.probes.client import direct_client
from automation.reports import alert_rules, dashboard
from automation.reports.happened import MonitoringFact
from automation.reports.observed import CheckFact
from automation.specification.models import Specification
from components.contract import outputs
from components.contract.release import Artifact

REQUESTS = 20
NO_EVALUATOR = (
    "no Prometheus evaluates rules on the platform `local`; the rules are written for one"
)


def run(context: Context, notes: StepNotes) -> None:
    """Check the backend's metrics under traffic, and write rules and dashboard to load."""
    found = context.spec()
    folder = context.home.environment(context.environment) / "monitoring"
    rules = alert_rules.alert_rules(found.thresholds, found.name, context.environment)
    replace(folder / "alert-rules.yml", rules)
    board = dashboard.dashboard(found.thresholds, found.name, context.environment)
    replace(folder / "dashboard.json", board)
    seen = _telemetry(context, found)
    context.facts.observations += (seen, running.logs(context))
    context.facts.monitoring = MonitoringFact(enabled=seen.status == "passed", alerting=False)
    context.facts.explain("monitoring_setup.alerting_enabled", NO_EVALUATOR)
    context.facts.short_term.append(
        f"Load {folder / 'alert-rules.yml'} into a Prometheus: {NO_EVALUATOR}."
    )
    notes.message = f"metrics {seen.status}; alert rules and dashboard in {folder.name}/"


def _telemetry(context: Context, found: Specification) -> CheckFact:
    release = context.declared.live_release()
    artifact = release.backend if release else None
    slot = context.declared.backend.live()
    if artifact is None or slot is None or artifact.metrics_path is None:
        details = "the application declares no metrics"
        return CheckFact(
            name="metrics", status="skipped", details=details, item="metrics_collected"
        )
    replicas = tuple(context.outputs[outputs.ENDPOINTS]["backend"][slot])
    with direct_client() as direct:
        gate = TelemetryGate(path=artifact.metrics_path)
        result = gate.evaluate(
            GateContext(
                replicas=replicas, direct=direct, traffic=lambda: _traffic(context, artifact)
            )
        )
    status = {Verdict.PASS: "passed", Verdict.FAIL: "failed"}.get(result.verdict, "skipped")
    return CheckFact(
        name="metrics",
        status=status,  # type: ignore[arg-type]
        details=result.reason,
        item="metrics_collected",
    )


def _traffic(context: Context, artifact: Artifact) -> int:
    with site.client(context.outputs) as public:
        return sum(_answered(public, site.path_of(artifact)) for _ in range(REQUESTS))


def _answered(public: httpx.Client, path: str) -> bool:
    try:
        return bool(public.get(path).status_code < httpx.codes.INTERNAL_SERVER_ERROR)
    except httpx.HTTPError:
        return False  # the release is deployed: a lost answer is no reason to say otherwise
