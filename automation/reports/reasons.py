"""The reason for each null of a report, from the facts. Gives no reason that was not observed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from automation.reports.facts import Declared, Facts
from automation.reports.observed import Service, StepName

STEP_OF: Final[Mapping[str, StepName]] = {
    "meta": "build",
    "pre_deployment_validation": "validate",
    "build": "build",
    "build.database": "migrate",
    "deployment_strategy": "plan",
    "deployment": "roll_out",
    "deployment.database": "migrate",
    "deployment.database.platform": "provision",
    "deployment.database.status": "provision",
    "environment": "configure",
    "post_deployment_verification": "verify",
    "post_deployment_verification.smoke_tests": "smoke_test",
    "post_deployment_verification.functionality_tests": "smoke_test",
    "rollback.previous_version": "plan",
    "deployment_artifacts": "build",
    "deployment_artifacts.database_migration_version": "migrate",
    "deployment_artifacts.deployment_manifest": "provision",
    "monitoring_setup": "watch",
    "overall_status": "verify",
    "evidence": "verify",
    "evidence.application": "validate",
    "evidence.way_back": "secure",
    "evidence.rollout": "roll_out",
    "evidence.probe": "roll_out",
}
"""Which step observes the fields below a path; the longest path counts."""

PART_OF: Final[Mapping[str, tuple[Declared, ...]]] = {
    "build.frontend": ("frontend",),
    "build.backend": ("backend",),
    "build.database": ("database", "migrations"),
    "deployment.frontend": ("frontend",),
    "deployment.backend": ("backend",),
    "deployment.database": ("database",),
    "deployment.database.migration_version": ("database", "migrations"),
    "deployment.database.backup_created": ("database", "migrations"),
    "deployment.database.backup_id": ("database", "migrations"),
    "post_deployment_verification.health_checks.frontend": ("frontend",),
    "post_deployment_verification.health_checks.backend": ("backend",),
    "post_deployment_verification.health_checks.database": ("database",),
    "deployment_artifacts.frontend_artifact": ("frontend",),
    "deployment_artifacts.backend_artifact": ("backend",),
    "deployment_artifacts.database_migration_version": ("database", "migrations"),
}
"""What the application must have for the fields below a path to apply."""

OF_GATE: Final[Mapping[str, str]] = {
    "step": "this was looked at after the rollout",
    "service": "the gate looked at all services together",
    "slot": "the gate looked at all services together",
    "weight": "the gate looked at all services together",
    "at": "the time was not recorded",
}
"""Why a field of a verdict is null."""


def explain(paths: Iterable[str], facts: Facts) -> dict[str, str]:
    """Return the reason for each null path; one for which there is none is left out."""
    found = {path: _reason(path, facts) for path in paths}
    return {path: reason for path, reason in found.items() if reason}


def not_observed(step: StepName, facts: Facts) -> str:
    """Return why what a step observes is not known."""
    known = facts.step(step)
    if known is None:
        return _not_reached(step, facts)
    why = f": {known.message}" if known.message else ""
    if known.status == "skipped":
        return f"step {step} was skipped{why}"
    if known.status == "passed":
        return f"step {step} did not observe it"
    ended = "failed" if known.status == "failed" else "was interrupted"
    return f"step {step} {ended} without observing it{why}"


def _not_reached(step: StepName, facts: Facts) -> str:
    if facts.outcome == "unchanged":
        return f"step {step} did not run: nothing had changed"
    ended = facts.ended_at()
    if ended is None:
        return f"step {step} was not reached: the deployment ended before its first step"
    return f"step {step} was not reached: the deployment ended at step {ended.name}"


def _reason(path: str, facts: Facts) -> str:
    given = _longest(path, facts.reasons)
    if given is not None:
        return facts.reasons[given]
    for rule in (_no_such_part, _of_gate, _special):
        if reason := rule(path, facts):
            return reason
    above = _longest(path, STEP_OF)
    return not_observed(STEP_OF[above], facts) if above is not None else ""


def _longest(path: str, prefixes: Iterable[str]) -> str | None:
    fitting = [given for given in prefixes if path == given or path.startswith(f"{given}.")]
    return max(fitting, key=len, default=None)


def _no_such_part(path: str, facts: Facts) -> str:
    above = _longest(path, PART_OF)
    missing = [part for part in PART_OF[above] if not facts.has(part)] if above else []
    return f"the application has no {missing[0]}" if missing else ""


def _of_gate(path: str, facts: Facts) -> str:
    section, part, *below = path.split(".", 3)
    if (section, part) != ("evidence", "gates"):
        return ""
    return OF_GATE.get(below[-1], "the gate had nothing to measure it by")


def _special(path: str, facts: Facts) -> str:
    above = _longest(path, SPECIAL)
    return SPECIAL[above](facts) if above else ""


def _passed(step: StepName, reason: str) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        known = facts.step(step)
        return reason if known is not None and known.status == "passed" else ""

    return rule


def _nothing_before(facts: Facts) -> str:
    if facts.previous is not None:
        return ""
    return _passed("plan", "no release was live before this one")(facts)


def _reused(service: Service) -> Callable[[Facts], str]:
    def rule(facts: Facts) -> str:
        build = facts.builds.get(service)
        reused = build is not None and build.reused
        return "not built: the artifact of the same inputs was reused" if reused else ""

    return rule


def _no_backup(facts: Facts) -> str:
    if facts.migrations is None:
        return ""
    return facts.migrations.no_backup or "no backup was made"


def _taken_back(facts: Facts) -> str:
    taken = facts.rollback
    if taken is None or taken.of_another:
        return ""
    if taken.status == "success":
        return "" if facts.previous else "nothing is live, as before"
    if facts.health:
        return "what serves after going back was not seen to be well"
    return "going back failed, and what serves since then was not looked at"


def _no_rollback(facts: Facts) -> str:
    return "" if facts.rollback else "no rollback was executed"


SPECIAL: Final[Mapping[str, Callable[[Facts], str]]] = {
    "meta.commit_hash": lambda facts: "the release records no commit" if facts.release else "",
    "build.frontend": _reused("frontend"),
    "build.backend": _reused("backend"),
    "deployment.database.backup_id": _no_backup,
    "overall_status": _taken_back,
    "post_deployment_verification.health_checks.backend": _taken_back,
    "post_deployment_verification.health_checks.frontend": _taken_back,
    "rollback.reason": _no_rollback,
    "rollback.rollback_status": _no_rollback,
    "rollback.rollback_time_seconds": lambda facts: _no_rollback(facts) or "not measured",
    "rollback.previous_version": _nothing_before,
    "evidence.way_back": _nothing_before,
    "post_deployment_verification.smoke_tests.tests": lambda _: "this flow was not timed",
    "post_deployment_verification.functionality_tests": lambda facts: (
        "" if facts.smoke is None else "no flow of this category ran"
    ),
    "evidence.rollout": lambda _: "this step of the rollout did not end",
    "evidence.seconds": lambda _: "the deployment's duration was not recorded",
}
"""Reasons of single fields, where the facts support them; else the step's reason counts."""
