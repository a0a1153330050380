"""The report as data, as YAML and as JSON."""

import json
from typing import Any

import yaml

from automation.reports.model import DeploymentReport, ReportDocument


def document(report: DeploymentReport) -> dict[str, Any]:
    """Return the report as plain data under its key, as the published schema describes it."""
    return ReportDocument(deployment_report=report).model_dump(mode="json")


def as_yaml(data: object) -> str:
    """Return plain data as YAML, in its own order and without folded lines."""
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=float("inf")))


def as_json(data: object) -> str:
    """Return plain data as JSON, in its own order."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def yaml_text(report: DeploymentReport) -> str:
    """Return the report as YAML."""
    return as_yaml(document(report))


def json_text(report: DeploymentReport) -> str:
    """Return the report as JSON."""
    return as_json(document(report))
