"""What `slipway preview` prints."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from automation import replacing
from automation.commands.output import Output
from automation.context import Context
from automation.engine.environment import EngineEnvironment
from automation.engine.foresight import Foresight
from automation.events import StepNotes
from automation.freezing import describe
from automation.preparing import PREPARE
from automation.schema.contracting import outstanding
from automation.session import open_environment
from automation.standing import standing


def plan(
    prepared: EngineEnvironment,
    foresight: Foresight | None,
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
    for name, step in PREPARE:
        with context.events.step(name) as notes:
            step(context, file, notes)
    live = context.live.live_release()
    unchanged = live is not None and live.id == context.target().id
    there = nullcontext() if context.outputs else context.engine.borrowed()
    with out.redacted_errors(), context.events.step("plan") as notes, there:
        counts, resources = _foreseen(context, foresight, notes, unchanged=unchanged)
    found = planned(context, counts, resources)
    if as_json:
        out.data(found)
    else:
        out.text("\n".join(lines(found)))
    replacing.refuse(resources, context.engine.care.allowed, context.environment)
    return 0


def _foreseen(
    context: Context, foresight: Foresight | None, notes: StepNotes, *, unchanged: bool
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return counts by operation, and what differs."""
    if foresight is not None:
        foreseen = foresight.result() if unchanged else None
        if foreseen is not None:
            notes.message = "the release is live already"
            return foreseen
        foresight.discard()
    if unchanged:
        notes.message = "the release is live already"
        update = context.engine.preview(standing(context))
    else:
        from automation.steps import plan as planning  # only a change needs the strategies

        update = planning.foresee(context, notes)
    return update.changes, update.resources


def planned(
    context: Context, changes: dict[str, int], resources: list[tuple[str, str]]
) -> dict[str, Any]:
    """Return the plan as data."""
    live = context.live.live_release()
    return {
        "environment": context.environment,
        "frozen": describe(context.live),
        "live": live.id if live else None,
        "release": context.target().id,
        "unchanged": live is not None and live.id == context.target().id,
        "strategy": context.settings.strategy,
        "steps": [step.description for step in context.steps],
        "migrations": list(context.pending),
        "contracting": list(_later(context)),
        "resources": [{"operation": op, "urn": urn} for op, urn in resources],
        "losses": [asdict(loss) for loss in replacing.losses(resources)],
        "changes": changes,
    }


def _later(context: Context) -> tuple[str, ...]:
    """Return the revisions that are applied once no release uses any more what they drop."""
    if context.migration is None:
        return outstanding(context.live)
    return tuple(each.id for each in context.migration.later)


def lines(found: dict[str, Any]) -> list[str]:
    """Return the plan as lines for people."""
    if found["unchanged"]:
        rest = "only its contraction is left" if found["contracting"] else "nothing to deploy"
        text = [f"{found['environment']}: {found['release']} is live; {rest}"]
    else:
        text = [
            f"{found['environment']}: {found['live'] or 'nothing'} → {found['release']}, "
            f"{found['strategy']}"
        ]
        text += [f"  {number}. {step}" for number, step in enumerate(found["steps"], start=1)]
        text += [f"  migration {revision}" for revision in found["migrations"]]
    text += [
        f"  migration {revision}, when the old release is gone" for revision in found["contracting"]
    ]
    if found.get("frozen"):
        text.append(f"  frozen, so `up` would be blocked: {found['frozen']}")
    for each in found["resources"]:
        kind, name = each["urn"].split("::")[-2:]
        text.append(f"  {each['operation']:<8}{kind.split('$')[-1].split('/')[-1]} {name}")
    text += [
        f"  {loss['name']} would be {loss['operation']}; lost: {loss['what']}"
        for loss in found.get("losses", ())
        if loss["what"]
    ]
    counted = ", ".join(f"{n} {op}" for op, n in found["changes"].items())
    text.append(f"  resources: {counted}")
    return text
