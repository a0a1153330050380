"""Make the report of the facts. Decides nothing that the facts do not say."""

from automation.reports import account, before, rolled_out, verdict, verified
from automation.reports.facts import Facts
from automation.reports.model import DeploymentReport
from automation.reports.nulls import null_paths
from automation.reports.reasons import explain


def build_report(facts: Facts) -> DeploymentReport:
    """Return the report of a deployment, however far it came, with a reason for each null."""
    report = DeploymentReport(
        meta=before.meta(facts),
        pre_deployment_validation=before.validation(facts),
        build=before.build(facts),
        deployment_strategy=before.strategy(facts),
        deployment=rolled_out.deployment(facts),
        environment=before.configuration(facts),
        post_deployment_verification=verified.verification(facts),
        rollback=rolled_out.rollback(facts),
        issues_encountered=verdict.issues(facts),
        deployment_artifacts=rolled_out.artifacts(facts),
        monitoring_setup=verified.monitoring(facts),
        overall_status=verdict.overall(facts),
        recommendations=verdict.recommendations(facts),
        evidence=account.evidence(facts),
        details={},
    )
    nulls = null_paths(report.model_dump(mode="json"))
    return report.model_copy(update={"details": explain(nulls, facts)})
