"""From the facts, the sections that draw the conclusion."""

from automation.reports.cause import INCIDENT, documented
from automation.reports.conclusion import Issue, OverallStatus, Recommendations
from automation.reports.facts import Facts

READ = f"read {INCIDENT} beside this report: what failed, the evidence, and what is left to do"


def issues(facts: Facts) -> tuple[Issue, ...]:
    """Return the issues, numbered within the deployment."""
    return tuple(
        Issue(
            issue_id=f"{facts.deployment}-{number}",
            severity=fact.severity,
            category=fact.category,
            description=fact.description,
            resolution=fact.resolution,
            resolved=fact.resolved,
            timestamp=fact.at,
        )
        for number, fact in enumerate(facts.issues, start=1)
    )


def overall(facts: Facts) -> OverallStatus:
    """Return the verdict: healthy and ready only where that was seen."""
    healthy = _healthy(facts)
    serving = facts.live.serving if facts.live else None
    return OverallStatus.model_validate(
        {
            "status": _status(facts),
            "healthy": healthy,
            "ready_for_traffic": None if None in (healthy, serving) else healthy and serving,
            "outcome": facts.outcome,
        }
    )


def _status(facts: Facts) -> str:
    services = {fact.status for fact in facts.services.values()}
    if facts.outcome == "rolled_back" or services == {"rolled_back"}:
        return "rolled_back"
    if facts.outcome not in ("deployed", "unchanged"):
        # What is on record as deployed serves, whatever failed after that.
        return "partial_success" if services == {"success"} else "failed"
    flows = any(flow.status == "failed" for flow in facts.smoke or [])
    open_issues = any(not issue.resolved for issue in facts.issues)
    checks = any(check.status == "failed" for check in facts.observations)
    unwell = _healthy(facts) is False
    return "partial_success" if flows or open_issues or checks or unwell else "success"


def _healthy(facts: Facts) -> bool | None:
    seen = [fact.status for fact in facts.health.values()]
    if not seen:
        return None  # a database alone serves nobody
    if facts.database_health is not None:
        seen.append(facts.database_health.status)
    return all(status == "healthy" for status in seen)


def recommendations(facts: Facts) -> Recommendations:
    """Return what to do: remedies of failed checks and open issues, then what the steps said."""
    checks = [*(facts.checks or []), *facts.observations]
    failed = [check for check in checks if check.status == "failed" and check.remedy]
    unresolved = [issue for issue in facts.issues if not issue.resolved]
    urgent = ("critical", "high")
    immediate = [
        *(f"{check.name}: {check.remedy}" for check in failed if check.blocking),
        *(issue.description for issue in unresolved if issue.severity in urgent),
        *facts.immediate,
        *((READ,) if documented(facts) else ()),
    ]
    short_term = [
        *(f"{check.name}: {check.remedy}" for check in failed if not check.blocking),
        *(issue.description for issue in unresolved if issue.severity not in urgent),
        *facts.short_term,
    ]
    return Recommendations(
        immediate=tuple(dict.fromkeys(immediate)),
        short_term=tuple(dict.fromkeys(short_term)),
        long_term=tuple(dict.fromkeys(facts.long_term)),
    )
