"""The end of a deployment, however it comes: what is left half done is undone, and reported."""

from collections.abc import Callable

from automation import ending, observing, placing
from automation.context import Context
from automation.errors import SlipwayError
from automation.reports.base import Outcome
from automation.steps import document


def concluded(context: Context, work: Callable[[], Outcome]) -> Outcome:
    """Run the work, undo what it leaves half done, and write the report of how it ended."""
    outcome: Outcome = "failed"
    reason = ""
    try:
        with context.interruption.handled():
            outcome = _guarded(context, work)
        return outcome
    except SlipwayError as error:
        error.redact(context.redactor.text)
        outcome, reason = ending.outcome_of(error), "; ".join((error.message, *error.details))
        raise
    finally:
        context.interruption.concluding()  # whatever comes now, the report is written
        with context.interruption.handled():
            observing.conclude(context, outcome, reason)
            placing.conclude(context, complete=ending.finished(context))
            _published(context)


def _published(context: Context) -> None:
    try:
        document.publish(context)
    except OSError as error:
        # How the deployment ended is what counts, also where no disk takes down what happened.
        context.events.note(f"the report could not be written whole: {error}")


def _guarded(context: Context, work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except KeyboardInterrupt:
        raise ending.interrupted(context) from None
    except SlipwayError as error:
        context.interruption.taken()
        raise ending.after(context, error) from None
    except Exception as error:  # noqa: BLE001 - our defect must not leave a rollout half done
        context.interruption.taken()
        raise ending.after(context, ending.unexpected(context, error)) from None
