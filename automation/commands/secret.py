"""`slipway secret`: set a secret that the application needs and Slipway cannot make."""

import re
import sys

import click

from automation.commands.output import Output
from automation.engine.engine import Engine
from automation.engine.environment import prepare
from automation.errors import InvalidInput
from automation.home import Home
from automation.lock import held
from automation.settings import StackFile, how_to_encrypt, load


def secret(environment: str, name: str) -> int:
    """Read the value without showing it, encrypt it for this installation, and return 0.

    Not while somebody deploys: what is rolled out must not change under the rollout.
    """
    out = Output(as_json=False)
    file = load(environment)
    _check(environment, name, file)
    value = _asked(environment, name)
    folder = Home.locate().environment(environment)
    with held(folder, environment, f"slipway secret {environment}"):
        engine = Engine(prepare(environment, out.listener))
        if name in file.given and engine.given().get(name) == value:
            out.text(f"{name} of {environment} has this value already.")
            return 0
        engine.keep_secret(name, value)
    out.text(
        f"{name} is set for {environment}, encrypted; the next `up` deploys it. "
        "Releases that were deployed before keep the value that they had."
    )
    return 0


def _check(environment: str, name: str, file: StackFile) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InvalidInput(f"{name!r} is no name of a secret", hint="Use letters, digits and _.")
    if name in file.shared:
        where = f"Pulumi.{environment}.yaml"
        raise InvalidInput(
            f"{name} is set in {where}, which counts more than this installation's own value",
            hint=f"Set it there, {how_to_encrypt(environment, name)}",
        )


def _asked(environment: str, name: str) -> str:
    if sys.stdin.isatty():
        value: str = click.prompt(f"{name} of {environment}", hide_input=True, err=True)
    else:
        try:
            value = sys.stdin.buffer.read().decode().rstrip("\n")
        except UnicodeDecodeError:
            hint = "Encode what is binary, such as with `base64`, and decode it in the application."
            raise InvalidInput(f"{name}: the value is not UTF-8 text", hint=hint) from None
    if not value:
        raise InvalidInput(f"{name}: an empty value was given", hint="Pipe the value in.")
    return value
