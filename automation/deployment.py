"""A deployment from its first step to its last, whatever comes in between."""

import contextlib
from collections.abc import Callable, Iterator

from automation import freezing, observing, running, unfinished, way_back
from automation.concluding import concluded
from automation.context import Context
from automation.declare import settle
from automation.events import StepNotes, StepSkipped
from automation.preparing import PREPARE
from automation.reports.base import Outcome
from automation.reports.observed import StepFact, StepName
from automation.schema import contracting, planning, recovery
from automation.settings import StackFile
from automation.standing import standing
from automation.steps import (
    contract,
    document,
    migrate,
    plan,
    provision,
    roll_out,
    secure,
    smoke_test,
    verify,
    watch,
)
from automation.validation import database

CHANGE: tuple[tuple[StepName, Callable[[Context, StepNotes], object]], ...] = (
    ("plan", plan.run),
    ("provision", provision.run),
    ("migrate", migrate.run),
    ("roll_out", roll_out.run),
    ("verify", verify.run),
    ("smoke_test", smoke_test.run),
    ("secure", secure.run),
    ("contract", contract.run),
    ("document", document.run),
    ("watch", watch.run),
)


def deploy(context: Context, file: StackFile) -> Outcome:
    """Deploy, and write the report whatever happens.

    Return `deployed` or `unchanged`. Raise the SlipwayError that says how else it ended.
    """
    return concluded(context, lambda: _deploy(context, file))


def roll_back(context: Context, aim: Callable[[], None], to: str | None = None) -> Outcome:
    """Deploy a release that was built before, the same way; `aim` puts it into the context.

    Where a rollout was left unfinished and no release is named by `to`, undoing it is the result.
    """
    return concluded(context, lambda: _roll_back(context, aim, to))


def _deploy(context: Context, file: StackFile) -> Outcome:
    freezing.refuse(context)
    left = unfinished.found(context)
    if left is not None and not unfinished.resumes(context, left):
        unfinished.undo(context, left)
        left = None
    revive(context)
    recovery.recover(context, None)
    for name, step in PREPARE:
        with _step(context, name) as notes:
            step(context, file, notes)
    if left is not None and not unfinished.resume(context, left):
        unfinished.undo(context, left)
    if _is_live(context):
        return _unchanged(context)
    return _change(context)


def _roll_back(context: Context, aim: Callable[[], None], to: str | None) -> Outcome:
    left = unfinished.found(context)
    if left is not None:
        unfinished.undo(context, left)
    revive(context)
    recovery.recover(context, None)
    undone = left is not None and to is None
    if undone and context.live.live_release() is None:
        return "unchanged"  # it was the first one: nothing is live, as before it
    with _step(context, "validate") as notes:
        unfinished.aim(context) if undone else aim()
        notes.message = f"{context.target().id} can be deployed again"
    skipped: tuple[StepName, ...] = ("build", "configure")
    for name in skipped:
        with _step(context, name):
            raise StepSkipped("the release was built and configured before")
    if _is_live(context):
        return _unchanged(context)
    return _change(context)


def revive(context: Context) -> None:
    """Bring back what is live where the machine, or its supervisor, has gone down meanwhile."""
    if context.database is None or database.listens(context.database):
        return
    context.events.note("the database does not listen: starting what is live first")
    try:
        settle(context, standing(context), "bring back what is live")
    finally:
        context.touched = False  # what is declared is what was: there is nothing to undo


def _is_live(context: Context) -> bool:
    live = context.live.live_release()
    return live is not None and live.id == context.target().id


def _unchanged(context: Context) -> Outcome:
    """Declare what is live once more, so that what has died meanwhile is back, and look at it."""
    with _step(context, "provision") as notes:
        try:
            update = settle(context, context.live, "nothing new")
        finally:
            context.touched = False  # what is declared is what was: there is nothing to undo
        notes.message = "repaired what had changed" if update.changed else "nothing differs"
    with _step(context, "verify") as notes:
        verify.live_is_well(context, context.target())
        notes.message = f"healthy, served release is {context.target().id}"
    if contracting.left(context):
        return _contract(context)
    context.facts.way_back = way_back.fact(context)
    return "unchanged"


def _contract(context: Context) -> Outcome:
    """Finish what the contraction of the live release was cut short in."""
    with _step(context, "plan") as notes:
        planning.pending(context, downtime=False)
        notes.message = f"outstanding: {', '.join(contracting.outstanding(context.live))}"
    # On record first: from here on nothing of the release is undone, whatever comes.
    secure_on = [name for name, _ in CHANGE].index("secure")
    for name, step in CHANGE[secure_on:]:
        context.interruption.check()
        with _step(context, name) as notes:
            step(context, notes)
    return "deployed"


def _change(context: Context) -> Outcome:
    observing.begin(context)
    context.log_sizes = running.sizes(context)
    for name, step in CHANGE:
        context.interruption.check()
        with _step(context, name) as notes:
            step(context, notes)
        if name == "roll_out":
            observing.begin(context)  # a first release is there to be probed only now
    return "deployed"


@contextlib.contextmanager
def _step(context: Context, name: StepName) -> Iterator[StepNotes]:
    notes = StepNotes()
    try:
        with context.events.step(name, notes):
            yield notes
    finally:
        context.facts.steps.append(
            StepFact(name=name, status=notes.status, seconds=notes.seconds, message=notes.message)
        )
