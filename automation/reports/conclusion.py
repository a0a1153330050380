"""Sections that draw the conclusion: issues, monitoring, the verdict, recommendations."""

from typing import Literal

from pydantic import AwareDatetime

from automation.reports.base import Outcome, Section


class Issue(Section):
    """Something that went wrong. `resolution` is empty while there is none."""

    issue_id: str
    severity: Literal["critical", "high", "medium", "low"]
    category: Literal["build", "deployment", "verification", "rollback"]
    description: str
    resolution: str
    resolved: bool
    timestamp: AwareDatetime


class MonitoringSetup(Section):
    """Monitoring as it was seen at work."""

    monitoring_enabled: bool | None
    alerting_enabled: bool | None
    dashboards: tuple[str, ...]
    alert_rules_configured: int | None


class OverallStatus(Section):
    """The verdict. `outcome` is Slipway's own word for it, with an exit code for each."""

    status: Literal["success", "failed", "partial_success", "rolled_back"]
    healthy: bool | None
    ready_for_traffic: bool | None
    outcome: Outcome


class Recommendations(Section):
    """What a person should do, and when."""

    immediate: tuple[str, ...]
    short_term: tuple[str, ...]
    long_term: tuple[str, ...]
