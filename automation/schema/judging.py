"""What the policy says once the rehearsal has shown what a migration really executes."""

from typing import TYPE_CHECKING

from automation.context import Context
from automation.errors import DeploymentFailed
from automation.migrations.rehearsal import Rehearsal
from automation.migrations.tolerance import Tolerance

if TYPE_CHECKING:
    from automation.migrations.plan import MigrationPlan


def judge(
    context: Context,
    plan: "MigrationPlan",
    rehearsal: Rehearsal | None,
    tolerance: Tolerance,
    instead: str,
) -> None:
    """Tell what only the rehearsal showed. Raise DeploymentFailed where the policy blocks.

    `instead` says what to do then.
    """
    if rehearsal is not None:
        context.migration = plan = _seen(context, plan, rehearsal)
        plan = plan.refined(rehearsal.seconds, rehearsal.executed).part(rehearsal.seconds.keys())
    # Without data there was no rehearsal: nobody's rows, and nobody's requests, are in the way.
    decision = plan.decide(tolerance if rehearsal is not None else None)
    if decision.blocked:
        raise DeploymentFailed(
            f"the migration is not let through: {decision.reason}",
            details=plan.summary(),
            hint=f"Nothing was migrated. {instead}",
        )


def _seen(context: Context, plan: "MigrationPlan", rehearsal: Rehearsal) -> "MigrationPlan":
    from automation.migrations.planned_text import line  # parsing SQL takes a while to load

    known = len(plan.findings)
    plan = plan.witnessed(rehearsal.executed)
    for each in plan.findings[known:]:
        context.events.note(f"only the rehearsal shows: {line(each)}")
    for revision, script in rehearsal.executed.items():
        if script.problem:
            context.events.note(f"{revision}: {script.problem}")
    if len(plan.findings) > known:
        plan.write(context.folder)
    return plan
