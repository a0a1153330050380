"""From the facts, the sections on what came before the rollout."""

from automation.reports.facts import Facts
from automation.reports.observed import CheckFact, Service
from automation.reports.preparation import (
    Build,
    Check,
    DatabaseBuild,
    DeploymentStrategy,
    EnvironmentConfiguration,
    Meta,
    PreDeploymentValidation,
    ServiceBuild,
)
from automation.reports.rounding import whole


def meta(facts: Facts) -> Meta:
    """Return which deployment this is."""
    release = facts.release
    return Meta(
        deployment_id=facts.deployment,
        version=release.version if release else None,
        commit_hash=release.commit if release else None,
        timestamp=facts.started_at,
        deployer=facts.deployer,
        environment=facts.environment,
    )


def validation(facts: Facts) -> PreDeploymentValidation:
    """Return the verdict of the validation: null where not even one check was made."""
    checks = facts.checks or []
    failed = [check for check in checks if check.status == "failed"]
    blockers = [_line(check) for check in failed if check.blocking]
    if facts.checks is None:
        status = None
    else:
        status = "blocked" if blockers else "failed" if failed else "passed"
    return PreDeploymentValidation.model_validate(
        {
            "status": status,
            "checks": [Check(name=c.name, status=c.status, details=c.details) for c in checks],
            "issues": [_line(check) for check in failed if not check.blocking],
            "blockers": blockers,
        }
    )


def _line(check: CheckFact) -> str:
    if not check.remedy:
        return f"{check.name}: {check.details}"
    return f"{check.name}: {check.details.rstrip('.')}. To do: {check.remedy}"


def build(facts: Facts) -> Build:
    """Return what was built, and which migrations were applied."""
    migrations = facts.migrations
    return Build(
        frontend=_service(facts, "frontend"),
        backend=_service(facts, "backend"),
        database=DatabaseBuild(
            migrations_applied=len(migrations.applied) if migrations else None,
            migration_status=migrations.status if migrations else None,
            migration_logs_path=migrations.log if migrations else None,
        ),
    )


def _service(facts: Facts, service: Service) -> ServiceBuild:
    fact = facts.builds.get(service)
    return ServiceBuild(
        status=fact.status if fact else None,
        build_time_seconds=whole(fact.seconds) if fact else None,
        artifact_path=fact.artifact if fact else None,
        build_logs_path=fact.log if fact else None,
    )


def strategy(facts: Facts) -> DeploymentStrategy:
    """Return the strategy as it was planned."""
    fact = facts.strategy
    return DeploymentStrategy(
        strategy=fact.strategy if fact else None,
        config={**fact.config} if fact else {},
        rollback_strategy=fact.rollback if fact else None,
    )


def configuration(facts: Facts) -> EnvironmentConfiguration:
    """Return how many variables and secrets the application was given."""
    fact = facts.configuration
    return EnvironmentConfiguration(
        variables_configured=len(fact.variables) if fact else None,
        secrets_loaded=len(fact.secrets) if fact else None,
        configuration_file=fact.file if fact else None,
    )
