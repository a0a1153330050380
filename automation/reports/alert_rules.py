"""A Prometheus rule file for the specification's five thresholds."""

from automation.reports.serialized import as_yaml
from automation.specification.models import Thresholds
from components.contract.alerting import promql
from components.contract.alerting.promql import Where


def alert_rules(thresholds: Thresholds, application: str, environment: str) -> str:
    """Return a rule file. Thresholds are percentages, milliseconds and minutes."""
    return as_yaml({"groups": promql.groups(thresholds, Where(application, environment))})
