"""`slipway freeze` and `unfreeze`: let nobody deploy for a while, and say why."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from automation.commands.output import Output
from automation.context import Context
from automation.declare import settle
from automation.engine.update import Update
from automation.environments import check_environment
from automation.errors import Blocked, Interrupted, InvalidInput
from automation.freezing import describe
from automation.home import Home
from automation.lock import held
from automation.session import open_environment
from automation.standing import standing
from components.contract.desired import Freeze


def freeze(environment: str, message: str, yes: bool, as_json: bool) -> int:
    """Write the freeze into the stack's state, which every machine sees, and return 0."""
    if not message.strip():
        raise InvalidInput("a freeze without a message", hint="Say why, for who wants to deploy.")
    out = Output(as_json)
    with _opened(out, environment, "freeze") as context:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        frozen = Freeze(message=message.strip(), by=context.deployer, since=since)
        declare(context, frozen, yes=yes)
        _tell(out, context, f"is frozen: {describe(context.declared)}")
        if not as_json:
            out.text(
                f"  `up` and `destroy` are blocked; `./slipway rollback {environment}` stays "
                f"possible; `./slipway unfreeze {environment}` lifts it"
            )
    return 0


def unfreeze(environment: str, yes: bool, as_json: bool) -> int:
    """Remove the freeze from the stack's state, and return 0; also where there is none."""
    out = Output(as_json)
    with _opened(out, environment, "unfreeze") as context:
        before = describe(context.live)
        if before is not None:
            declare(context, None, yes=yes)
        _tell(out, context, f"was frozen: {before}" if before else "was not frozen")
    return 0


@contextmanager
def _opened(out: Output, environment: str, verb: str) -> Iterator[Context]:
    check_environment(environment)
    folder = Home.locate().environment(environment)
    with held(folder, environment, f"slipway {verb} {environment}") as hold, out.redacted_errors():
        context, _ = open_environment(
            environment, out.listener, out.redactor, recorded=False, hold=hold
        )
        if not context.outputs:
            raise Blocked(
                f"nothing was ever deployed to {environment}: there is nothing to {verb}",
                hint=f"Deploy first: ./slipway up {environment}",
            )
        yield context


def declare(context: Context, freeze: Freeze | None, *, yes: bool) -> None:
    """Declare what is declared once more: no release changes, no traffic, no rollout under way.

    Raise Blocked, with nothing changed, where anything but the stack's outputs would change: no
    gate would look at that. With `yes` it is changed, too.
    """
    verb = "freeze" if freeze else "unfreeze"
    state = standing(context).model_copy(update={"freeze": freeze})
    try:
        with context.interruption.handled(), context.events.step(verb):
            if not yes:
                _refuse_more(context.engine.preview(state), context.environment, verb)
            settle(context, state, verb)
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; see whether {context.environment} is frozen",
            hint=f"Run `./slipway status {context.environment}`.",
        ) from None


def _refuse_more(foreseen: Update, environment: str, verb: str) -> None:
    if not foreseen.changed:
        return
    told = [(operation, *urn.split("::")[-2:]) for operation, urn in foreseen.resources]
    raise Blocked(
        f"{verb} would change more than the state: {foreseen.counted()}",
        hint=f"`./slipway status {environment} --drift` shows it. Undo it in "
        f"Pulumi.{environment}.yaml or in the platform or, where nothing is frozen, deploy it "
        "first. With --yes it is changed, and no gate looks at it.",
        details=tuple(f"{op} {name} ({kinds.split('$')[-1]})" for op, kinds, name in told),
    )


def _tell(out: Output, context: Context, text: str) -> None:
    if out.as_json:
        frozen = context.declared.freeze
        found = frozen.model_dump() if frozen else None
        out.data({"environment": context.environment, "freeze": found})
    else:
        out.text(f"{context.environment} {text}")
