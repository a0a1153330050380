"""Sections on what was deployed, and on the way back when it was taken."""

from typing import Literal

from automation.reports.base import DeploymentStatus, Section


class FrontendDeployment(Section):
    """The frontend on its platform."""

    status: DeploymentStatus | None
    platform: str | None
    url: str | None
    health_check_url: str | None
    deployment_time_seconds: int | None
    instance_count: int | None


class BackendDeployment(Section):
    """The backend on its platform."""

    status: DeploymentStatus | None
    platform: str | None
    api_url: str | None
    health_check_url: str | None
    deployment_time_seconds: int | None
    instance_count: int | None


class DatabaseDeployment(Section):
    """The database and its backup."""

    status: DeploymentStatus | None
    platform: str | None
    migration_version: str | None
    backup_created: bool | None
    backup_id: str | None


class Deployment(Section):
    """What was deployed where."""

    frontend: FrontendDeployment
    backend: BackendDeployment
    database: DatabaseDeployment


class Rollback(Section):
    """Whether the way back was taken. `previous_version` was live before this deployment."""

    executed: bool
    reason: str | None
    previous_version: str | None
    rollback_time_seconds: int | None
    rollback_status: Literal["success", "failed"] | None


class DeploymentArtifacts(Section):
    """Where the artifacts lie."""

    frontend_artifact: str | None
    backend_artifact: str | None
    database_migration_version: str | None
    deployment_manifest: str | None
