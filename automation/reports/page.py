"""The report as one HTML page that needs nothing else: no script, font, image or address."""

import json
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from automation.reports.base import Outcome
from automation.reports.cause import INCIDENT, documented
from automation.reports.chart import chart
from automation.reports.facts import Facts
from automation.reports.failures import failures
from automation.reports.migration import migration_rows
from automation.reports.model import DeploymentReport
from automation.reports.rollout import rollout
from automation.reports.wording import duration, live, verdict, way_back

TONES: Final[Mapping[Outcome, str]] = {
    "deployed": "good",
    "unchanged": "good",
    "blocked": "warn",
    "aborted": "warn",
    "rolled_back": "warn",
    "failed": "bad",
    "interrupted": "bad",
}


def html_page(report: DeploymentReport, facts: Facts) -> str:
    """Return the page: verdict, what is live, the way back, what failed, then everything."""
    templates = Environment(
        loader=PackageLoader("automation.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["duration"] = duration
    partial = report.overall_status.status == "partial_success"
    return templates.get_template("report.html").render(
        report=report,
        told=report.evidence,
        verdict=verdict(facts),
        tone="warn" if partial else TONES[report.overall_status.outcome],
        partial=partial,
        live=live(report),
        way_back=way_back(report),
        failures=failures(report),
        migration=migration_rows(facts),
        rollout=rollout(facts),
        incident=INCIDENT if documented(facts) else None,
        chart=chart(report.evidence.probe),
        fields=fields(report),
    )


def fields(report: DeploymentReport) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return section -> (path, value, reason for its absence) of every scalar field."""
    data = report.model_dump(mode="json", exclude={"details": True, "evidence": {"probe"}})
    return [
        (name, [(path, text, report.details.get(f"{name}.{path}", "")) for path, text in rows])
        for name, section in data.items()
        if (rows := _flat(section))
    ]


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and value:
        items = [(str(index), item) for index, item in enumerate(value)]
    else:
        text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
        return [(path, text)]
    return [row for key, item in items for row in _flat(item, f"{path}.{key}" if path else key)]
