"""`slipway freeze` and `unfreeze`: let nobody deploy for a while, and say why."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from automation.commands.output import Output
from automation.context import Context
from automation.declare import settle
from automation.environments import check_environment
from automation.errors import Blocked, Interrupted, InvalidInput
from automation.freezing import describe
from automation.home import Home
from automation.lock import held
from automation.session import open_environment
from automation.standing import standing
from components.contract.desired import Freeze


def freeze(environment: str, message: str, as_json: bool) -> int:
    """Write the freeze into the stack's state, which every machine sees, and return 0."""
    if not message.strip():
        raise InvalidInput("a freeze without a message", hint="Say why, for who wants to deploy.")
    out = Output(as_json)
    with _opened(out, environment, "freeze") as context:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        _declare(context, Freeze(message=message.strip(), by=context.deployer, since=since))
        _tell(out, context, f"is frozen: {describe(context.declared)}")
        if not as_json:
            out.text(
                f"  `up` and `destroy` are blocked; `./slipway rollback {environment}` stays "
                f"possible; `./slipway unfreeze {environment}` lifts it"
            )
    return 0


def unfreeze(environment: str, as_json: bool) -> int:
    """Remove the freeze from the stack's state, and return 0; also where there is none."""
    out = Output(as_json)
    with _opened(out, environment, "unfreeze") as context:
        before = describe(context.live)
        if before is not None:
            _declare(context, None)
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


def _declare(context: Context, freeze: Freeze | None) -> None:
    """Declare what is declared once more: no release changes, no traffic, no rollout under way."""
    verb = "freeze" if freeze else "unfreeze"
    try:
        with context.interruption.handled(), context.events.step(verb):
            settle(context, standing(context).model_copy(update={"freeze": freeze}), verb)
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; see whether {context.environment} is frozen",
            hint=f"Run `./slipway status {context.environment}`.",
        ) from None


def _tell(out: Output, context: Context, text: str) -> None:
    if out.as_json:
        frozen = context.declared.freeze
        found = frozen.model_dump() if frozen else None
        out.data({"environment": context.environment, "freeze": found})
    else:
        out.text(f"{context.environment} {text}")
