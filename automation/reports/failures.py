"""What did not pass, worst first: what a person has to read first."""

from dataclasses import dataclass

from automation.reports.model import DeploymentReport


@dataclass(frozen=True)
class Failure:
    """One thing that did not pass: what it was, and what was seen."""

    where: str
    name: str
    details: str


def failures(report: DeploymentReport) -> list[Failure]:
    """List blockers, then failed steps, flows, checks, health, and open issues."""
    checked = report.pre_deployment_validation
    verified = report.post_deployment_verification
    health = verified.health_checks
    told = [Failure("blocker", line, "") for line in checked.blockers]
    told += [
        Failure("step", step.name, step.message)
        for step in report.evidence.steps
        if step.status in ("failed", "interrupted")
    ]
    told += [
        Failure("smoke test", test.name, test.error_message)
        for test in verified.smoke_tests.tests
        if test.status == "failed"
    ]
    told += [
        Failure("check", check.name, check.details)
        for check in checked.checks
        if check.status == "failed" and not _is_blocker(check.name, checked.blockers)
    ]
    services = (
        ("frontend", health.frontend.status),
        ("backend", health.backend.status),
        ("database", health.database.status),
    )
    told += [
        Failure("health", name, f"{status} when the deployment ended")
        for name, status in services
        if status in ("unhealthy", "degraded")
    ]
    return told + [
        Failure(f"issue, {issue.severity}", issue.issue_id, issue.description)
        for issue in report.issues_encountered
        if not issue.resolved
    ]


def _is_blocker(name: str, blockers: tuple[str, ...]) -> bool:
    return any(line.startswith(f"{name}: ") for line in blockers)
