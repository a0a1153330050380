"""A deployment from its first step to its last, whatever comes in between."""

import contextlib
import signal
import traceback
from collections.abc import Callable, Iterator
from types import FrameType

from automation import observing
from automation.context import Context
from automation.declare import settle
from automation.errors import (
    BuildFailed,
    DeploymentFailed,
    Interrupted,
    RolledBack,
    SlipwayError,
)
from automation.events import StepNotes, StepSkipped
from automation.reports.base import Outcome
from automation.reports.observed import StepFact, StepName
from automation.reports.write import replace
from automation.settings import StackFile
from automation.steps import (
    build,
    configure,
    document,
    migrate,
    plan,
    provision,
    roll_out,
    secure,
    smoke_test,
    undo,
    validate,
    verify,
    watch,
)

PREPARE: tuple[tuple[StepName, Callable[[Context, StackFile, StepNotes], None]], ...] = (
    ("validate", validate.run),
    ("build", build.run),
    ("configure", configure.run),
)
CHANGE: tuple[tuple[StepName, Callable[[Context, StepNotes], None]], ...] = (
    ("plan", plan.run),
    ("provision", provision.run),
    ("migrate", migrate.run),
    ("roll_out", roll_out.run),
    ("verify", verify.run),
    ("smoke_test", smoke_test.run),
    ("secure", secure.run),
    ("document", document.run),
    ("watch", watch.run),
)
SETTLED: frozenset[StepName] = frozenset(("document", "watch"))
"""Steps after the history is written: a failure there is reported, and undoes nothing."""


def deploy(context: Context, file: StackFile) -> Outcome:
    """Deploy, and write the report whatever happens.

    Return `deployed` or `unchanged`. Raise the SlipwayError that says how else it ended.
    """
    return _concluded(context, lambda: _deploy(context, file))


def roll_back(context: Context, aim: Callable[[], None]) -> Outcome:
    """Deploy a release that was built before, the same way; `aim` puts it into the context."""
    return _concluded(context, lambda: _roll_back(context, aim))


def _deploy(context: Context, file: StackFile) -> Outcome:
    recover(context)
    for name, step in PREPARE:
        with _step(context, name) as notes:
            step(context, file, notes)
    if _is_live(context):
        return _unchanged(context)
    return _change(context)


def _roll_back(context: Context, aim: Callable[[], None]) -> Outcome:
    recover(context)
    with _step(context, "validate") as notes:
        aim()
        notes.message = f"{context.target().id} can be deployed again"
    for name in ("build", "configure"):
        with _step(context, name):
            raise StepSkipped("the release was built and configured before")
    return _change(context)


def recover(context: Context) -> None:
    """Undo a rollout that was left unfinished, so that every deployment starts from a live state."""
    rollout = context.live.rollout
    if rollout is None:
        return
    context.events.note(
        f"deployment {rollout.deployment} by {rollout.owner} was left unfinished at step "
        f"{rollout.step} of {rollout.steps}: going back to {rollout.back_to or 'nothing live'} first"
    )
    state = context.live.model_copy(update={**rollout.back_to_slots, "rollout": None})
    settle(context, state, f"undo unfinished {rollout.deployment}")
    context.live = context.declared


def _is_live(context: Context) -> bool:
    live = context.live.live_release()
    return live is not None and live.id == context.target().id


def _unchanged(context: Context) -> Outcome:
    """Declare what is live once more, so that what has died meanwhile is back, and look at it."""
    with _step(context, "provision") as notes:
        update = settle(context, context.live, "nothing new")
        notes.message = "repaired what had changed" if update.changed else "nothing differs"
    with _step(context, "verify") as notes:
        verify.live_is_well(context, context.target())
        notes.message = f"healthy, served release is {context.target().id}"
    return "unchanged"


def _change(context: Context) -> Outcome:
    observing.begin(context)
    for name, step in CHANGE:
        if context.cancelled.is_set() and name not in SETTLED:
            raise KeyboardInterrupt
        with _step(context, name) as notes:
            step(context, notes)
        if name == "roll_out":
            observing.begin(context)  # a first release is there to be probed only now
    return "deployed"


@contextlib.contextmanager
def _step(context: Context, name: StepName) -> Iterator[StepNotes]:
    notes = StepNotes()
    try:
        with context.events.step(name) as notes:
            yield notes
    finally:
        if name not in [fact.name for fact in context.facts.steps]:
            context.facts.steps.append(
                StepFact(
                    name=name, status=notes.status, seconds=notes.seconds, message=notes.message
                )
            )


def _concluded(context: Context, work: Callable[[], Outcome]) -> Outcome:
    """Run the work, undo what it leaves half done, and write the report of how it ended."""
    outcome: Outcome = "failed"
    reason = ""
    try:
        with _signals(context):
            outcome = _guarded(context, work)
        return outcome
    except SlipwayError as error:
        outcome, reason = _outcome_of(error), "; ".join((error.message, *error.details))
        raise
    finally:
        observing.conclude(context, outcome, reason)
        document.publish(context)


def _guarded(context: Context, work: Callable[[], Outcome]) -> Outcome:
    try:
        return work()
    except KeyboardInterrupt:
        context.cancelled.clear()
        interrupted = Interrupted(_interrupted(context))
        if context.touched and not _finished(context):
            _undo(context, interrupted)
        raise interrupted from None
    except SlipwayError as error:
        raise _after(context, error) from None
    except Exception as error:  # noqa: BLE001 - a defect of ours must not leave a rollout half done
        raise _after(context, _unexpected(context, error)) from None


def _after(context: Context, error: SlipwayError) -> SlipwayError:
    """Undo what the error left half done, and return the error that says how it ended."""
    if context.touched and not _finished(context):
        return _undo(context, error)
    category = "build" if isinstance(error, BuildFailed) else "deployment"
    undo.issue(context, error, category, resolved=False)
    return error


def _unexpected(context: Context, error: Exception) -> SlipwayError:
    trace = context.folder / "traceback.txt"
    text = "".join(traceback.format_exception(error))
    replace(trace, context.redactor.text(text))
    return DeploymentFailed(
        f"unexpected: {type(error).__name__}: {error}",
        hint=f"This is a defect of Slipway; what is needed to find it is in {trace}.",
    )


def _finished(context: Context) -> bool:
    return any(record.id == context.deployment for record in context.declared.history)


def _undo(context: Context, error: SlipwayError) -> SlipwayError:
    """Go back, and return the error that says how that went."""
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
    except SlipwayError as worse:
        undo.issue(context, error, "deployment", resolved=False)
        undo.issue(context, worse, "rollback", resolved=False)
        return DeploymentFailed(
            f"{error.message}; going back failed as well: {worse.message}",
            hint=f"See `./slipway status {context.environment}`, then docs/runbook.md.",
            details=(*error.details, *worse.details),
        )
    undo.issue(context, error, "deployment", resolved=True)
    if live is None:
        return DeploymentFailed(
            f"{error.message}; nothing was live before, and nothing is now",
            hint="Mend what failed and run the command again.",
            details=error.details,
        )
    return RolledBack(
        f"{error.message}; {live.id} serves again and was verified", details=error.details
    )


def _interrupted(context: Context) -> str:
    if not context.touched:
        return "interrupted before anything was touched"
    if _finished(context):
        return "interrupted after the deployment was complete"
    live = context.live.live_release()
    return f"interrupted; {live.id if live else 'nothing'} is live, as before"


def _outcome_of(error: SlipwayError) -> Outcome:
    known: dict[str, Outcome] = {
        "blocked": "blocked",
        "aborted": "aborted",
        "rolled_back": "rolled_back",
        "interrupted": "interrupted",
    }
    return known.get(error.outcome, "failed")


@contextlib.contextmanager
def _signals(context: Context) -> Iterator[None]:
    """Turn SIGINT and SIGTERM into one KeyboardInterrupt; the way back is not interrupted again.

    While the engine is at work the signal waits: a change is finished, then undone.
    """
    seen: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        seen.append(number)
        context.cancelled.set()
        if len(seen) == 1:
            raise KeyboardInterrupt
        context.events.note("going back already; the next run would finish that too")

    before = {n: signal.signal(n, on_signal) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
