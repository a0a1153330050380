"""Sections on what came before the rollout: validation, builds, the strategy, configuration."""

from typing import Literal

from pydantic import AwareDatetime, JsonValue

from automation.reports.base import CheckStatus, Environment, Section


class Meta(Section):
    """Which deployment this is. `timestamp` is when it started."""

    deployment_id: str
    version: str | None
    commit_hash: str | None
    timestamp: AwareDatetime
    deployer: str
    environment: Environment


class Check(Section):
    """One check of the validation."""

    name: str
    status: CheckStatus
    details: str


class PreDeploymentValidation(Section):
    """`blocked`: a check stopped the deployment. `failed`: one failed that does not."""

    status: Literal["passed", "failed", "blocked"] | None
    checks: tuple[Check, ...]
    issues: tuple[str, ...]
    blockers: tuple[str, ...]


class ServiceBuild(Section):
    """The build of one service."""

    status: Literal["success", "failed"] | None
    build_time_seconds: int | None
    artifact_path: str | None
    build_logs_path: str | None


class DatabaseBuild(Section):
    """The migrations that this deployment applied."""

    migrations_applied: int | None
    migration_status: Literal["success", "failed", "pending"] | None
    migration_logs_path: str | None


class Build(Section):
    """What was built."""

    frontend: ServiceBuild
    backend: ServiceBuild
    database: DatabaseBuild


class DeploymentStrategy(Section):
    """How the new release was to take over, and how to go back."""

    strategy: Literal["rolling", "blue_green", "canary", "recreate"] | None
    config: dict[str, JsonValue]
    rollback_strategy: str | None


class EnvironmentConfiguration(Section):
    """What the application was configured with, counted."""

    variables_configured: int | None
    secrets_loaded: int | None
    configuration_file: str | None
