"""Make desired states real, each with the rollout under way written into it."""

from automation import observing
from automation.choosing import chosen
from automation.context import Context
from automation.engine.update import Update
from automation.errors import Blocked
from automation.steps.plan import recording
from components.contract import outputs
from components.contract.desired import DesiredState, Rollout


def announce(context: Context) -> DesiredState:
    """Return what is live, with the release that is about to be rolled out on record."""
    return recording(context.live, context.target())


def declare(context: Context, state: DesiredState, *, step: int) -> Update:
    """Make a state real as a step of the rollout, and take in what the stack says then."""
    live = context.live.live_release()
    restores = context.reversal is not None and context.reversal.mode == "restore"
    rollout = Rollout(
        deployment=context.deployment,
        strategy=chosen(context).name,
        step=step,
        steps=len(context.steps),
        target=context.target().id,
        back_to=live.id if live else None,
        back_to_slots={"backend": context.live.backend, "frontend": context.live.frontend},
        owner=context.deployer,
        action="rollback" if context.action == "rollback" else "deploy",
        restores=context.backup if restores else None,
    )
    return settle(context, state.model_copy(update={"rollout": rollout}), f"step {step}")


def confirm(context: Context) -> None:
    """See that nobody else has changed the environment since this deployment declared it last.

    Raise Busy where somebody made it meanwhile; where somebody had its lock, this process ends.
    """
    if context.hold is not None:
        context.hold.first(context)
        context.hold.confirm(context)


def settle(context: Context, state: DesiredState, message: str) -> Update:
    """Make a state real as it is."""
    if context.address is not None:
        state = state.model_copy(update={"address": context.address})
    confirm(context)
    if context.hold is not None:
        context.hold.attempted = state
    before, context.touched = context.touched, True
    settled, context.settled = context.settled, False
    try:
        update = context.engine.up(
            state, message=f"{context.deployment}: {message}", on_line=context.events.progress
        )
    except Blocked:
        # the engine did not even begin
        context.touched, context.settled = before, settled
        raise
    context.declared, context.settled = state, True
    if update.changed or not context.outputs:
        learn(context)
    observing.mark(context, state)
    return update


def learn(context: Context) -> None:
    """Read the stack's outputs. The secret ones are registered for redaction first."""
    found = context.engine.outputs(secrets=True) or {}
    context.database = found.pop(outputs.DATABASE, None)
    secrets = found.pop(outputs.SECRETS, None) or {}
    context.secrets = dict(secrets)
    context.access = found.pop(outputs.SLOT_ACCESS, None) or {}
    passwords = [v for k, v in (context.database or {}).items() if k.endswith("password")]
    context.redactor.register_all([*secrets.values(), *passwords, *context.access.values()])
    context.outputs = found
    if context.hold is not None:
        context.hold.extend(context)
