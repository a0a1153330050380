"""What `slipway up` would do, as data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from automation import replacing
from automation.commands.output import Output
from automation.commands.plan_text import lines
from automation.context import Context
from automation.engine.environment import EngineEnvironment
from automation.engine.foresight import Foresight
from automation.engine.update import Update
from automation.events import StepNotes
from automation.freezing import describe
from automation.lock import current
from automation.preparing import PREPARE
from automation.schema.contracting import outstanding
from automation.session import open_environment
from automation.standing import standing
from components.contract.desired import DesiredState


def plan(
    prepared: EngineEnvironment,
    foresight: Foresight,
    app: Path | None,
    as_json: bool,
    *,
    allowed: tuple[str, ...] = (),
    refresh: bool = True,
) -> int:
    """Print what `slipway up` would do, and return 0.

    Raise Blocked, with that printed, where state would be lost that nobody allowed to lose.
    """
    out = Output(as_json)
    context, file = open_environment(
        prepared.stack,
        out.listener,
        out.redactor,
        application=app,
        recorded=False,
        prepared=prepared,
        allowed=allowed,
        refresh=refresh,
    )
    with out.redacted_errors(), _stack(context, foresight):
        for name, step in PREPARE:
            with context.events.step(name) as notes:
                step(context, file, notes)
        with context.events.step("plan") as notes:
            update = _foreseen(context, foresight, notes)
    found = planned(context, update)
    if as_json:
        out.data(found)
    else:
        out.text("\n".join(lines(found)))
    replacing.refuse(update.resources, context.engine.care.allowed, context.environment)
    return 0


@contextmanager
def _stack(context: Context, foresight: Foresight) -> Iterator[None]:
    """Have a stack: without one there is no preview."""
    if context.outputs:
        yield
        return
    folder = context.home.environment(context.environment)
    with context.engine.borrowed(unless=lambda: current(folder) is not None):
        foresight.begin()
        yield


def _foreseen(context: Context, foresight: Foresight, notes: StepNotes) -> Update:
    """Return what would change."""

    def preview(desired: DesiredState) -> Update:
        # The engine tells only its own preview why it does not succeed.
        return foresight.result(desired) or context.engine.preview(desired)

    if _unchanged(context):
        notes.message = "the release is live already"
        return preview(standing(context))
    from automation.steps import plan as planning  # only a change needs the strategies

    return planning.foresee(context, notes, preview)


def _unchanged(context: Context) -> bool:
    live = context.live.live_release()
    return live is not None and live.id == context.target().id


def planned(context: Context, update: Update) -> dict[str, Any]:
    """Return the plan as data."""
    live = context.live.live_release()
    return {
        "environment": context.environment,
        "frozen": describe(context.live),
        "live": live.id if live else None,
        "release": context.target().id,
        "unchanged": _unchanged(context),
        "strategy": context.settings.strategy,
        "steps": [step.description for step in context.steps],
        "migrations": list(context.pending),
        "contracting": list(_later(context)),
        "resources": [{"operation": op, "urn": urn} for op, urn in update.resources],
        "losses": [asdict(loss) for loss in replacing.losses(update.resources)],
        "changes": update.changes,
    }


def _later(context: Context) -> tuple[str, ...]:
    """Return the revisions that are applied once no release uses any more what they drop."""
    if context.migration is None:
        return outstanding(context.live)
    return tuple(each.id for each in context.migration.later)
