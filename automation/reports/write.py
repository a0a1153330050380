"""Write the documents of a deployment. Nothing leaves without passing the redaction."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from automation.redaction import Redactor
from automation.reports.cause import INCIDENT, documented
from automation.reports.changelog import changelog
from automation.reports.checklists import (
    monitoring_checklist,
    post_deployment_checklist,
    pre_deployment_checklist,
)
from automation.reports.facts import Facts
from automation.reports.incident import incident
from automation.reports.model import DeploymentReport
from automation.reports.page import html_page
from automation.reports.rollback_plan import rollback_plan
from automation.reports.runbook import runbook
from automation.reports.serialized import as_json, as_yaml, document
from components.contract.files import replace

OF_FACTS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "checklists/pre-deployment.md": pre_deployment_checklist,
    "checklists/post-deployment.md": post_deployment_checklist,
    "checklists/monitoring.md": monitoring_checklist,
    "rollback-plan.md": rollback_plan,
    "changelog.md": changelog,
    "runbook.md": runbook,
}


def write(
    report: DeploymentReport, facts: Facts, folder: Path, *, redactor: Redactor
) -> dict[str, Path]:
    """Write all documents into a folder and return name -> path. Each appears whole or not at all.

    Raise OSError where the folder cannot be written.
    """
    data = redactor.data(document(report))
    texts = {
        "report.yaml": as_yaml(data),
        "report.json": as_json(data),
        "report.html": redactor.text(html_page(report, facts)),
        **{name: redactor.text(render(facts)) for name, render in OF_FACTS.items()},
    }
    if documented(facts):
        texts[INCIDENT] = redactor.text(incident(facts))
    return {name: replace(folder / name, text) for name, text in texts.items()}
