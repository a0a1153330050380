"""From the facts, the sections on what was deployed and on the way back."""

from automation.reports.base import DeploymentStatus
from automation.reports.deployment import (
    BackendDeployment,
    DatabaseDeployment,
    Deployment,
    DeploymentArtifacts,
    FrontendDeployment,
    Rollback,
)
from automation.reports.facts import Facts
from automation.reports.happened import RollbackFact
from automation.reports.observed import Service
from automation.reports.rounding import whole


def deployment(facts: Facts) -> Deployment:
    """Return what was deployed where."""
    front, back = facts.services.get("frontend"), facts.services.get("backend")
    return Deployment(
        frontend=FrontendDeployment(
            status=front.status if front else None,
            platform=front.platform if front else None,
            url=front.url if front else None,
            health_check_url=front.health_url if front else None,
            deployment_time_seconds=whole(front.seconds) if front else None,
            instance_count=front.replicas if front else None,
        ),
        backend=BackendDeployment(
            status=back.status if back else None,
            platform=back.platform if back else None,
            api_url=back.url if back else None,
            health_check_url=back.health_url if back else None,
            deployment_time_seconds=whole(back.seconds) if back else None,
            instance_count=back.replicas if back else None,
        ),
        database=_database(facts),
    )


def _database(facts: Facts) -> DatabaseDeployment:
    migrations = facts.migrations
    return DatabaseDeployment(
        status=_database_status(facts),
        platform=facts.database.platform if facts.database else None,
        migration_version=migrations.head if migrations else None,
        backup_created=migrations.backup is not None if migrations else None,
        backup_id=migrations.backup if migrations else None,
    )


def _database_status(facts: Facts) -> DeploymentStatus | None:
    if facts.migrations is None:
        return facts.database.status if facts.database else None
    if facts.migrations.status == "success":
        return facts.database.status if facts.database else "success"
    if facts.migrations.returned or facts.migrations.restored:
        return "rolled_back"
    return "failed" if facts.migrations.status == "failed" else "in_progress"


def rollback(facts: Facts) -> Rollback:
    """Return whether the way back was taken, by itself or by command, and how that ended."""
    fact = _by_command(facts) or facts.rollback
    return Rollback(
        executed=fact is not None,
        reason=fact.reason if fact else None,
        previous_version=facts.previous.version if facts.previous else None,
        rollback_time_seconds=whole(fact.seconds) if fact else None,
        rollback_status=fact.status if fact else None,
    )


def _by_command(facts: Facts) -> RollbackFact | None:
    if facts.action != "rollback" or facts.outcome != "deployed":
        return None
    reason = f"asked for by {facts.deployer}"
    return RollbackFact(reason=reason, status="success", seconds=facts.seconds, trigger="operator")


def artifacts(facts: Facts) -> DeploymentArtifacts:
    """Return where the artifacts lie."""
    return DeploymentArtifacts(
        frontend_artifact=_artifact(facts, "frontend"),
        backend_artifact=_artifact(facts, "backend"),
        database_migration_version=facts.migrations.head if facts.migrations else None,
        deployment_manifest=facts.manifest,
    )


def _artifact(facts: Facts, service: Service) -> str | None:
    if service in facts.builds:
        return facts.builds[service].artifact
    return facts.release.artifacts.get(service) if facts.release else None
