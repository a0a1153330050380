"""Sections on what was verified after the rollout."""

from typing import Literal

from automation.reports.base import CheckStatus, Health, Section


class ServiceHealth(Section):
    """The health of a service. `uptime_percentage` is over the deployment's own probes."""

    status: Health | None
    response_time_ms: int | None
    uptime_percentage: float | None


class DatabaseHealth(Section):
    """The health of the database, and its connections."""

    status: Health | None
    connection_pool_active: int | None
    connection_pool_max: int | None


class HealthChecks(Section):
    """The health of everything that is live."""

    frontend: ServiceHealth
    backend: ServiceHealth
    database: DatabaseHealth


class SmokeTest(Section):
    """One smoke flow. `error_message` is empty where it passed."""

    name: str
    status: CheckStatus
    duration_ms: int | None
    error_message: str


class SmokeTests(Section):
    """The smoke flows of the specification."""

    total: int | None
    passed: int | None
    failed: int | None
    tests: tuple[SmokeTest, ...]


class Functionality(Section):
    """Whether one kind of functionality works."""

    status: Literal["passed", "failed"] | None
    details: str | None


class FunctionalityTests(Section):
    """The functionality that every deployment has to keep."""

    authentication: Functionality
    crud_operations: Functionality
    multi_user_isolation: Functionality


class PerformanceMetrics(Section):
    """Numbers from a bounded load through the public address."""

    api_response_time_p50_ms: int | None
    api_response_time_p95_ms: int | None
    api_response_time_p99_ms: int | None
    error_rate_percent: float | None
    cpu_utilization_percent: float | None
    memory_utilization_percent: float | None


class PostDeploymentVerification(Section):
    """What was verified after the rollout."""

    health_checks: HealthChecks
    smoke_tests: SmokeTests
    functionality_tests: FunctionalityTests
    performance_metrics: PerformanceMetrics
