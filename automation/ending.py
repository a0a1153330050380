"""How a deployment ends when it does not end well: what is undone, and what is said."""

import traceback

from automation import blame
from automation.context import Context
from automation.errors import (
    DeploymentFailed,
    Interrupted,
    RolledBack,
    SlipwayError,
)
from automation.reports.base import Outcome
from automation.steps import undo
from components.contract.files import replace

OUTCOMES: tuple[Outcome, ...] = ("blocked", "aborted", "rolled_back", "interrupted")
"""How a command can end besides well and `failed`."""


def after(context: Context, error: SlipwayError) -> SlipwayError:
    """Undo what the error left half done, and return the error that says how it ended."""
    if context.touched and not finished(context):
        return _undone(context, error)
    blame.issue(context, error, resolved=False)
    return _besides(context, error)


def interrupted(context: Context) -> SlipwayError:
    """Go back where something was touched, and say what is live."""
    context.interruption.taken()
    if not context.touched:
        told = "interrupted before this deployment changed anything of its own"
        return _besides(context, Interrupted(told))
    if finished(context):
        return Interrupted("interrupted after the deployment was complete")
    return after(context, Interrupted("interrupted"))


def _besides(context: Context, error: SlipwayError) -> SlipwayError:
    """Say of an end before the first change what another deployment's unfinished rollout took."""
    taken = context.facts.rollback
    if taken is None or not taken.of_another:
        return error
    how = "could not be undone whole" if taken.seconds is None else "was undone first"
    error.message = f"{taken.reason} and {how}; {error.message}"
    error.hint = error.hint.replace("nothing was changed", "nothing else was changed")
    return error


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
    return next((outcome for outcome in OUTCOMES if outcome == error.outcome), "failed")


def finished(context: Context) -> bool:
    """Tell whether the deployment is on record already: then nothing is undone any more."""
    return any(record.id == context.deployment for record in context.declared.history)


def _undone(context: Context, error: SlipwayError) -> SlipwayError:
    if not context.settings.rollback_enabled:
        blame.issue(context, error, resolved=False)
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
        blame.issue(context, error, resolved=False)
        blame.no_way_back(context, worse)
        return DeploymentFailed(
            f"{error.message}; going back failed as well: {worse.message}",
            hint=f"See `./slipway status {context.environment}`, then docs/runbook.md.",
            details=(*error.details, *worse.details),
        )
    blame.issue(context, error, resolved=True)
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
