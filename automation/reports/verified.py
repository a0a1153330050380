"""From the facts, the sections on what was verified."""

from automation.reports.conclusion import MonitoringSetup
from automation.reports.facts import Facts
from automation.reports.happened import Functionality as Kind
from automation.reports.observed import Service
from automation.reports.rounding import whole
from automation.reports.verification import (
    DatabaseHealth,
    Functionality,
    FunctionalityTests,
    HealthChecks,
    PerformanceMetrics,
    PostDeploymentVerification,
    ServiceHealth,
    SmokeTest,
    SmokeTests,
)


def verification(facts: Facts) -> PostDeploymentVerification:
    """Return everything that was verified after the rollout."""
    return PostDeploymentVerification(
        health_checks=HealthChecks(
            frontend=_health(facts, "frontend"),
            backend=_health(facts, "backend"),
            database=_database(facts),
        ),
        smoke_tests=_smoke(facts),
        functionality_tests=FunctionalityTests(
            authentication=_functionality(facts, "authentication"),
            crud_operations=_functionality(facts, "crud_operations"),
            multi_user_isolation=_functionality(facts, "multi_user_isolation"),
        ),
        performance_metrics=_performance(facts),
    )


def _health(facts: Facts, service: Service) -> ServiceHealth:
    fact = facts.health.get(service)
    if fact is None:
        return ServiceHealth(status=None, response_time_ms=None, uptime_percentage=None)
    uptime = 100 * (fact.probes - fact.failures) / fact.probes if fact.probes else None
    return ServiceHealth(
        status=fact.status,
        response_time_ms=whole(fact.milliseconds),
        uptime_percentage=None if uptime is None else round(uptime, 3),
    )


def _database(facts: Facts) -> DatabaseHealth:
    fact = facts.database_health
    return DatabaseHealth(
        status=fact.status if fact else None,
        connection_pool_active=fact.active if fact else None,
        connection_pool_max=fact.limit if fact else None,
    )


def _smoke(facts: Facts) -> SmokeTests:
    if facts.smoke is None:
        return SmokeTests(total=None, passed=None, failed=None, tests=())
    return SmokeTests(
        total=len(facts.smoke),
        passed=sum(flow.status == "passed" for flow in facts.smoke),
        failed=sum(flow.status == "failed" for flow in facts.smoke),
        tests=tuple(
            SmokeTest(
                name=flow.name,
                status=flow.status,
                duration_ms=whole(flow.milliseconds),
                error_message=flow.error,
            )
            for flow in facts.smoke
        ),
    )


def _functionality(facts: Facts, kind: Kind) -> Functionality:
    """Return what was seen of one kind: given by the steps, else from the flows of that kind."""
    if kind in facts.functionality:
        given = facts.functionality[kind]
        return Functionality(status=given.status, details=given.details)
    flows = [f for f in facts.smoke or [] if f.category == kind and f.status != "skipped"]
    if not flows:
        return Functionality(status=None, details=None)
    failed = [flow for flow in flows if flow.status == "failed"]
    told = f"{len(flows) - len(failed)} of {len(flows)} flows passed"
    causes = "".join(f"; {flow.name}: {flow.error}" for flow in failed)
    return Functionality(status="failed" if failed else "passed", details=told + causes)


def _performance(facts: Facts) -> PerformanceMetrics:
    fact = facts.performance
    rate = 100 * fact.failed / fact.requests if fact and fact.requests else None
    return PerformanceMetrics(
        api_response_time_p50_ms=whole(fact.p50_ms) if fact else None,
        api_response_time_p95_ms=whole(fact.p95_ms) if fact else None,
        api_response_time_p99_ms=whole(fact.p99_ms) if fact else None,
        error_rate_percent=None if rate is None else round(rate, 3),
        cpu_utilization_percent=fact.cpu_percent if fact else None,
        memory_utilization_percent=fact.memory_percent if fact else None,
    )


def monitoring(facts: Facts) -> MonitoringSetup:
    """Return monitoring as it was seen at work."""
    fact = facts.monitoring
    return MonitoringSetup(
        monitoring_enabled=fact.enabled if fact else None,
        alerting_enabled=fact.alerting if fact else None,
        dashboards=fact.dashboards if fact else (),
        alert_rules_configured=len(fact.rules) if fact else None,
    )
