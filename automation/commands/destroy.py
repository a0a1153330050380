"""`slipway destroy`: remove an environment, and leave nothing behind."""

import shutil
import sys
from pathlib import Path

import click

from automation import freezing
from automation.commands.output import Output
from automation.context import Context
from automation.engine.deployed import Resource
from automation.environments import check_environment
from automation.errors import Blocked, EngineFailed, Interrupted
from automation.home import Home
from automation.lock import held
from automation.migrations import journal
from automation.session import open_environment

PROTECTED = ("production",)
AGAIN = "Run the command again: it removes what is left."
RETAINED = "retained, and still to be paid for:"
NOTHING = "There is nothing left to do."


def destroy(environment: str, yes: bool, name: str | None, as_json: bool) -> int:
    """Remove everything of an environment, its data too, after asking. Return 0."""
    out = Output(as_json)
    check_environment(environment)
    _check_name(environment, name)
    folder = Home.locate().environment(environment)
    with held(folder, environment, f"slipway destroy {environment}") as hold, out.redacted_errors():
        context, _ = open_environment(
            environment, out.listener, out.redactor, recorded=False, hold=hold
        )
        freezing.refuse(context)
        _refuse_nothing(context)
        resources = context.engine.resources()
        _refuse_guarded(resources, environment)
        if not (yes or name or _agreed(environment)):
            raise Blocked("not destroyed", hint="Answer `yes`, or pass --yes where nobody can.")
        kept = [
            f"{each.name} ({each.type}, {each.id})"
            for each in resources
            if each.retained and each.id
        ]
        try:
            with context.interruption.handled(), context.events.step("destroy") as notes:
                _unprotect(context, resources)
                update = context.engine.destroy(on_line=context.events.progress)
                notes.message = f"{update.changes.get('delete', 0)} resources removed"
        except EngineFailed as error:
            told = (*error.details, *(f"{RETAINED} {each}" for each in kept))
            raise EngineFailed(error.message, hint=AGAIN, details=told) from None
        except KeyboardInterrupt:
            # The engine ends what it began, and what it removed cannot be brought back.
            raise _interrupted(context, folder) from None
        _sweep(folder)
    if as_json:
        found = {"environment": environment, "destroyed": True, "changes": update.changes}
        out.data({**found, "retained": kept})
    for each in () if as_json else kept:
        out.text(f"{RETAINED} {each}")
    return 0


def _check_name(environment: str, name: str | None) -> None:
    if environment in PROTECTED and name != environment:
        raise Blocked(
            f"{environment} is protected",
            hint=f"Say so by name: ./slipway destroy {environment} "
            f"--yes-destroy-production {environment}",
        )


def _refuse_nothing(context: Context) -> None:
    if not context.outputs and context.engine.outputs() is None:
        environment = context.environment
        raise Blocked(
            f"there is nothing to destroy: {environment} was never deployed from here",
            hint=f"Deploy first: ./slipway up {environment}",
        )


def _refuse_guarded(resources: list[Resource], environment: str) -> None:
    """Refuse while a cloud would: what is removed until it says no cannot be brought back."""
    guarded = [each for each in resources if each.guard and not each.retained]
    if guarded:
        keys = " and ".join(f"slipway:{key}" for key in sorted({each.guard for each in guarded}))
        names = ", ".join(f"{each.name} ({each.type})" for each in guarded)
        raise Blocked(
            f"not destroyed: its cloud refuses to delete {names}",
            hint=f"Set {keys} to false in Pulumi.{environment}.yaml, run "
            f"./slipway up {environment}, then destroy again. Nothing was removed.",
        )


def _unprotect(context: Context, resources: list[Resource]) -> None:
    """Lift every protection, as was asked for by name.

    What is retained is forgotten by the stack and left where it is: with it, what it holds.
    """
    if lifted := context.engine.unprotect(resources):
        context.events.note(f"protection lifted, to be destroyed as asked: {', '.join(lifted)}")


def _interrupted(context: Context, folder: Path) -> Interrupted:
    if context.engine.outputs() is not None:
        return Interrupted(f"interrupted; {context.environment} may be half removed", hint=AGAIN)
    _sweep(folder)
    return Interrupted(f"interrupted too late; {context.environment} is removed", hint=NOTHING)


def _sweep(folder: Path) -> None:
    for leftover in ("run", "tls", "envoy", "assets", "postgres", "retained.json"):
        path = folder / leftover
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(True)
    journal.forget(folder)  # what was cut off there is nothing of the next database's


def _agreed(environment: str) -> bool:
    if not sys.stdin.isatty():
        return False
    question = f"Remove {environment} with its database? Type `yes`"
    return bool(click.prompt(question, default="no", err=True) == "yes")
