"""A Grafana dashboard of one environment, to import."""

from automation.reports.serialized import as_json
from automation.specification.models import Thresholds
from components.contract.alerting import dashboard as drawn
from components.contract.alerting.promql import Where


def dashboard(thresholds: Thresholds, application: str, environment: str) -> str:
    """Return the dashboard as JSON for Grafana's import; it asks for a Prometheus data source."""
    return as_json(drawn.dashboard(thresholds, Where(application, environment)))
