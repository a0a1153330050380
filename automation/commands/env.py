"""`slipway env`: the variables with which the `pulumi` command works by hand."""

import shlex

from automation.commands.output import Output
from automation.engine.environment import prepare
from automation.settings import load


def env(environment: str, as_json: bool) -> int:
    """Print `export` lines for `eval`, and return 0. Holds paths only, no secret."""
    out = Output(as_json)
    load(environment)
    variables = prepare(environment, out.listener).variables()
    if as_json:
        out.data(variables)
    else:
        out.text("\n".join(f"export {k}={shlex.quote(v)}" for k, v in variables.items()))
    return 0
