"""The deployment report: every published field, with `evidence` and `details`.

The reference names types but not what is true before a step was reached. Here every scalar that
may not apply is nullable, enums included; containers are always there. `details` maps the dotted
path of each null to its reason; an element of a list is named by its index.
"""

from pydantic import Field

from automation.reports.base import Section
from automation.reports.conclusion import Issue, MonitoringSetup, OverallStatus, Recommendations
from automation.reports.deployment import Deployment, DeploymentArtifacts, Rollback
from automation.reports.evidence import Evidence
from automation.reports.preparation import (
    Build,
    DeploymentStrategy,
    EnvironmentConfiguration,
    Meta,
    PreDeploymentValidation,
)
from automation.reports.verification import PostDeploymentVerification


class DeploymentReport(Section):
    """What was deployed, what was seen, and what was not, with the reason for each null."""

    meta: Meta
    pre_deployment_validation: PreDeploymentValidation
    build: Build
    deployment_strategy: DeploymentStrategy
    deployment: Deployment
    environment: EnvironmentConfiguration
    post_deployment_verification: PostDeploymentVerification
    rollback: Rollback
    issues_encountered: tuple[Issue, ...]
    deployment_artifacts: DeploymentArtifacts
    monitoring_setup: MonitoringSetup
    overall_status: OverallStatus
    recommendations: Recommendations
    evidence: Evidence
    details: dict[str, str] = Field(description="Dotted path of a null to the reason for it.")


class ReportDocument(Section):
    """The file: one deployment report under one key."""

    deployment_report: DeploymentReport
