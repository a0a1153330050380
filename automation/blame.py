"""What the report calls an error: an issue with its category, and how severe it is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast, get_args

from automation.context import Context
from automation.errors import Blocked, BuildFailed, EngineFailed, Interrupted, SlipwayError
from automation.reports.cause import failed_gate, failed_step, set_off
from automation.reports.course import Trigger
from automation.reports.happened import Category, IssueFact
from automation.reports.observed import Severity

MILDER: Final[Mapping[Trigger, Severity]] = {
    "latency": "high",
    "engine": "high",
    "inconclusive": "medium",
}
"""How severe it is what users did not meet as errors; all else is critical."""
VERIFYING: Final = ("verify", "smoke_test")


def issue(context: Context, error: SlipwayError, *, resolved: bool) -> None:
    """Put what went wrong into the facts, once the step that it ended is among them."""
    back = "the old release serves again"
    if context.live.live_release() is None:
        back = "nothing is live, as before"
    if isinstance(error, EngineFailed):
        context.facts.trigger = "engine"
    context.facts.issues.append(
        IssueFact(
            severity=_severity(context, error),
            category=_category(context, error),
            description=_told(error),
            at=datetime.now(UTC),
            resolution=back if resolved else error.hint,
            resolved=resolved,
        )
    )


def no_way_back(context: Context, error: SlipwayError) -> None:
    """Put into the facts what went wrong on the way back."""
    context.facts.issues.append(
        IssueFact(
            severity="critical",
            category="rollback",
            description=_told(error),
            at=datetime.now(UTC),
            resolution=error.hint,
        )
    )


def _told(error: SlipwayError) -> str:
    return "; ".join((error.message, *error.details))


def _category(context: Context, error: SlipwayError) -> Category:
    step = failed_step(context.facts)
    if isinstance(error, BuildFailed) or (step is not None and step.name == "build"):
        return "build"
    return "verification" if step is not None and step.name in VERIFYING else "deployment"


def _severity(context: Context, error: SlipwayError) -> Severity:
    if isinstance(error, Interrupted):
        return "low"
    if isinstance(error, BuildFailed) or (isinstance(error, Blocked) and not context.touched):
        return "high"  # nothing was touched: nobody but who deploys is kept waiting
    gate = failed_gate(context.facts)
    named = gate.evidence.get("severity") if gate else None
    if named in get_args(Severity):
        return cast(Severity, named)
    return MILDER.get(set_off(context.facts), "critical")
