"""`slipway rollback`: deploy a release that was built before."""

from automation import aiming, deployment
from automation.commands.output import Output
from automation.commands.reporting import reporting
from automation.context import Context
from automation.environments import check_environment
from automation.errors import Blocked, InvalidInput
from automation.home import Home
from automation.lock import held
from automation.replacing import unprotect
from automation.session import open_environment
from automation.specification.recorded import recorded
from automation.way_back import missing, previous, unfit
from components.contract.release import Release


def rollback(
    environment: str,
    to: str | None,
    database: str | None,
    yes: bool,
    allowed: tuple[str, ...],
    refresh: bool,
    as_json: bool,
) -> int:
    """Return to the previous release, or to the one named. Every other end raises.

    `database` says what becomes of the schema, `yes` that rows may be lost by it. Where a rollout
    was left unfinished, and no release is named, undoing it is all that is done.
    """
    out = Output(as_json)
    check_environment(environment)
    if to is not None and not to.strip():
        raise InvalidInput(
            "--to is empty: expected the id of a release",
            hint=f"See `./slipway history {environment}`; without --to it is the previous one.",
        )
    folder, purpose = Home.locate().environment(environment), f"slipway rollback {environment}"
    with out.redacted_errors(), held(folder, environment, purpose) as hold:
        context, _ = open_environment(
            environment,
            out.listener,
            out.redactor,
            action="rollback",
            hold=hold,
            allowed=allowed,
            refresh=refresh,
        )
        if allowed:
            unprotect(context)
        context.database_mode, context.confirmed = database, yes
        with reporting(out, context):
            deployment.roll_back(context, lambda: aim(context, to), to=to)
    return 0


def aim(context: Context, to: str | None) -> None:
    """Choose the release to go back to. Raise Blocked where there is none, or it is gone."""
    live = context.live.live_release()
    if live is None:
        raise Blocked(
            f"nothing is live in {context.environment}",
            hint=f"Deploy first: ./slipway up {context.environment}",
        )
    target = _named(context, to) if to else previous(context.live)
    if target is None:
        raise Blocked(
            f"{live.id} is the only release that {context.environment} ever had",
            hint="There is nothing to go back to.",
        )
    for name in unfit(context.settings, target):
        raise Blocked(
            f"the {name} of {target.id} was built for another platform than "
            f"slipway:{name}Platform: {context.settings.platform(name)}",
            hint="Check its commit out and deploy it.",
        )
    gone = missing(context.live, context.settings, target)
    if gone:
        raise Blocked(
            f"the artifacts of {target.id} are not on this machine: {', '.join(gone)}",
            hint="Go back from where it was built, or check its commit out and deploy it; "
            "slipway:retainedArtifacts says how many are kept.",
        )
    details = f"what it needs is there, built {target.created_at}"
    aiming.aim(context, target, recorded(target), details)


def _named(context: Context, to: str) -> Release:
    found = context.live.releases.get(to)
    if found is None:
        known = ", ".join(context.live.releases)
        raise Blocked(
            f"release {to} is not in the history of {context.environment}; known: {known}",
            hint=f"See `./slipway history {context.environment}`.",
        )
    return found
