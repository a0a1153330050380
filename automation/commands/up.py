"""`slipway up`: deploy what changed."""

from pathlib import Path

from automation import deployment
from automation.commands.output import Output
from automation.commands.reporting import reporting
from automation.environments import check_environment
from automation.home import Home
from automation.lock import held
from automation.replacing import unprotect
from automation.session import open_environment


def up(
    environment: str, app: Path | None, allowed: tuple[str, ...], refresh: bool, as_json: bool
) -> int:
    """Deploy, print the summary, and return 0; every other end raises."""
    out = Output(as_json)
    check_environment(environment)
    folder = Home.locate().environment(environment)
    with out.redacted_errors(), held(folder, environment, f"slipway up {environment}") as hold:
        context, file = open_environment(
            environment,
            out.listener,
            out.redactor,
            application=app,
            hold=hold,
            allowed=allowed,
            refresh=refresh,
        )
        if not context.outputs:
            context.engine.create()
        elif allowed:
            unprotect(context)
        with reporting(out, context):
            deployment.deploy(context, file)
    return 0
