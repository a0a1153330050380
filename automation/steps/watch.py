"""See telemetry arrive, and see alert rules and a dashboard in place."""

from automation import alerts, running, telemetry
from automation.context import Context
from automation.events import StepNotes
from automation.reports import alert_rules, dashboard
from automation.reports.happened import MonitoringFact
from components.contract import outputs
from components.contract.files import replace

NO_EVALUATOR = "nobody evaluates the alert rules: slipway:monitoringPlatform is none"


def run(context: Context, notes: StepNotes) -> None:
    """Check the backend's metrics under traffic; then the rules, or write them to load."""
    seen = telemetry.seen(context)
    context.facts.observations += (seen, running.logs(context))
    arrives = seen.status == "passed"
    if context.outputs.get(outputs.MONITORING):
        fact, told = alerts.seen(context, enabled=arrives)
        context.facts.monitoring = fact
    else:
        told = _written(context)
        context.facts.monitoring = MonitoringFact(enabled=arrives, alerting=False)
    notes.message = f"metrics {seen.status}; {told}"


def _written(context: Context) -> str:
    """Write rules and a dashboard for whoever may load them."""
    found = context.spec()
    folder = context.home.environment(context.environment) / "monitoring"
    rules = alert_rules.alert_rules(found.thresholds, found.name, context.environment)
    replace(folder / "alert-rules.yml", rules)
    board = dashboard.dashboard(found.thresholds, found.name, context.environment)
    replace(folder / "dashboard.json", board)
    context.facts.explain("monitoring_setup.alerting_enabled", NO_EVALUATOR)
    context.facts.short_term.append(
        f"Load {folder / 'alert-rules.yml'} into a Prometheus: {NO_EVALUATOR}."
    )
    return f"alert rules and dashboard in {folder.name}/"
