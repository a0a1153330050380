"""How a deployment ends when it does not end well: what is undone, and what is said."""

import traceback

from automation.context import Context
from automation.errors import (
    BuildFailed,
    DeploymentFailed,
    Interrupted,
    RolledBack,
    SlipwayError,
)
from automation.files import replace
from automation.reports.base import Outcome
from automation.steps import undo

OUTCOMES: dict[str, Outcome] = {
    "blocked": "blocked",
    "aborted": "aborted",
    "rolled_back": "rolled_back",
    "interrupted": "interrupted",
}


def after(context: Context, error: SlipwayError) -> SlipwayError:
    """Undo what the error left half done, and return the error that says how it ended."""
    if context.touched and not finished(context):
        return _undone(context, error)
    category: undo.Category = "build" if isinstance(error, BuildFailed) else "deployment"
    undo.issue(context, error, category, resolved=False)
    return error


def interrupted(context: Context) -> SlipwayError:
    """Go back where something was touched, and say what is live."""
    context.interruption.taken()
    if not context.touched:
        return Interrupted("interrupted before this deployment changed anything")
    if finished(context):
        return Interrupted("interrupted after the deployment was complete")
    return after(context, Interrupted("interrupted"))


def unexpected(context: Context, error: Exception) -> SlipwayError:
    """Turn a defect of ours into an error that a person can report."""
    trace = context.folder / "traceback.txt"
    where = f"is in {trace}"
    try:
        replace(trace, context.redactor.text("".join(traceback.format_exception(error))))
    except OSError as refused:
        # What was touched is undone all the same.
        where = f"could not be written to {trace}: {refused.strerror}"
    return DeploymentFailed(
        f"unexpected: {type(error).__name__}: {error}",
        hint=f"This is a defect of Slipway; what is needed to find it {where}.",
    )


def outcome_of(error: SlipwayError) -> Outcome:
    """Return the report's word for how it ended."""
    return OUTCOMES.get(error.outcome, "failed")


def finished(context: Context) -> bool:
    """Tell whether the deployment is on record already: then nothing is undone any more."""
    return any(record.id == context.deployment for record in context.declared.history)


def _undone(context: Context, error: SlipwayError) -> SlipwayError:
    if not context.settings.rollback_enabled:
        undo.issue(context, error, "deployment", resolved=False)
        return DeploymentFailed(
            f"{error.message}; rolling back is switched off",
            hint=f"Run `./slipway rollback {context.environment}` or deploy again.",
            details=error.details,
        )
    live = context.live.live_release()
    try:
        with context.events.step("undo") as notes:
            undo.run(context, error.message, notes)
    except Exception as found:  # noqa: BLE001 - a defect on the way back must not hide the error
        worse = found if isinstance(found, SlipwayError) else unexpected(context, found)
        undo.issue(context, error, "deployment", resolved=False)
        undo.issue(context, worse, "rollback", resolved=False)
        return DeploymentFailed(
            f"{error.message}; going back failed as well: {worse.message}",
            hint=f"See `./slipway status {context.environment}`, then docs/runbook.md.",
            details=(*error.details, *worse.details),
        )
    undo.issue(context, error, "deployment", resolved=True)
    serves = f"{live.id} serves again and was verified" if live else "nothing is live, as before"
    if isinstance(error, Interrupted):
        return Interrupted(f"{error.message}; {serves}", details=error.details)
    if live is None:
        return DeploymentFailed(
            f"{error.message}; {serves}",
            hint="Mend what failed and run the command again.",
            details=error.details,
        )
    return RolledBack(f"{error.message}; {serves}", details=error.details)
