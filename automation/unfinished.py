"""A rollout that was left unfinished: seen in the stack's state, and undone or gone on with."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

from automation import aiming, site
from automation.choosing import chosen, options_of
from automation.context import Context
from automation.errors import Blocked
from automation.reports.happened import RollbackFact
from automation.retreat import retreat
from automation.schema import recovery
from automation.specification.recorded import recorded
from automation.standing import standing
from automation.steps.plan import recording
from components.contract.desired import DeploymentRecord, DesiredState, Rollout
from components.contract.release import SERVICES


def found(context: Context) -> Rollout | None:
    """Return the unfinished rollout, having made what it goes back to the `live` state."""
    rollout = context.live.rollout
    if rollout is None:
        return None
    back, slots = rollout.back_to or "nothing live", rollout.back_to_slots
    context.events.note(
        f"deployment {rollout.deployment} by {rollout.owner} was left unfinished at step "
        f"{rollout.step} of {rollout.steps} of the way to {rollout.target}, from {back}"
    )
    context.settled = False
    context.live = context.live.model_copy(
        update={"backend": slots["backend"], "frontend": slots["frontend"], "rollout": None}
    )
    return rollout


def resumes(context: Context, rollout: Rollout) -> bool:
    """Tell whether it may be gone on with, as far as is known before the release is built."""
    # Whether a restore came to its end, its rollout cannot say: that one is undone.
    wanted = context.settings.unfinished == "resume" and rollout.restores is None
    return wanted and chosen(context).name == rollout.strategy and rollout.step > 0


def resume(context: Context, rollout: Rollout) -> bool:
    """Go on at the step where it stopped, if it is the same release that is deployed now."""
    target = context.declared.releases.get(rollout.target)
    if target is None or context.target().id != target.id or not _there_still(context, rollout):
        return False
    # As it was made then: its time and its commit are on record already.
    context.release = target
    context.resume_at = rollout.step
    recovery.take_over(context, rollout)
    context.events.note(f"going on with {target.id} at step {rollout.step} of {rollout.steps}")
    return True


def _there_still(context: Context, rollout: Rollout) -> bool:
    """Tell whether the plan, made now, has the same steps, and what is declared is the one."""
    start, target = recording(context.live, context.target()), context.target()
    steps = list(chosen(context).steps(start, target, options_of(context)))
    if len(steps) != rollout.steps or standing(context) is not context.declared:
        return False  # it was another way, or was on its way back already
    state = steps[rollout.step - 1].state
    return all(state.service(s) == context.declared.service(s) for s in SERVICES)


def undo(context: Context, rollout: Rollout) -> None:
    """Go back to what was live before. The next command takes it up again where this fails."""
    context.events.note(f"going back to {rollout.back_to or 'nothing live'} first")
    began = context.clock.time()
    reason = f"deployment {rollout.deployment} by {rollout.owner} was left unfinished"
    taken = RollbackFact(reason=reason, status="failed", seconds=None, trigger="unfinished")
    context.facts.rollback = taken
    recovery.recover(context, rollout)
    context.live = _recorded(context, rollout)
    try:
        steps = retreat(context, context.live, f"undo unfinished {rollout.deployment}")
    finally:
        # Nothing of this deployment is there to be undone.
        context.touched = False
    context.live = context.declared
    taken = replace(taken, steps=steps, seconds=context.clock.time() - began)
    context.facts.rollback = _seen(context, taken)


def _seen(context: Context, taken: RollbackFact) -> RollbackFact:
    """Return how it went: a success only where what serves now was seen to be the old release."""
    live = context.live.live_release()
    if live is None:
        return replace(taken, status="success")
    if not all(site.answers(context.outputs, live, s) for s in SERVICES if live.artifact(s)):
        return taken
    return replace(taken, status="success", verified=f"the public address names {live.id}")


def aim(context: Context) -> None:
    """Aim at what is live again, which something is."""
    live = context.live.live_release()
    assert live is not None
    specification = None
    with contextlib.suppress(Blocked):  # it is back already: that it is looked at counts more
        specification = recorded(live)
    details = "the unfinished rollout is undone; what was live before it is live again"
    aiming.aim(context, live, specification, details)


def _recorded(context: Context, rollout: Rollout) -> DesiredState:
    """Return the live state with the line in the history that its driver could not write."""
    live, release = context.live, context.live.releases.get(rollout.target)
    if release is None:
        return live
    record = DeploymentRecord(
        id=rollout.deployment,
        release=release.id,
        version=release.version,
        commit=release.commit,
        action=rollout.action,
        strategy=rollout.strategy,
        outcome="rolled_back",
        reason=f"left unfinished at step {rollout.step} of {rollout.steps}; "
        f"undone by {context.deployment}",
        started_at=_started(rollout.deployment),
        seconds=0.0,
        deployer=rollout.owner,
        previous=rollout.back_to,
    )
    return live.model_copy(update={"history": (*live.history, record)})


def _started(deployment: str) -> str:
    """Return when a deployment began, as its id has it."""
    try:
        began = datetime.strptime(deployment[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        began = datetime.now(UTC)
    return began.isoformat(timespec="seconds")
