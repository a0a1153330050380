"""`slipway secret`: set a secret that the application needs and Slipway cannot make."""

import re
import sys

import click

from automation.commands.output import Output
from automation.engine.engine import Engine
from automation.engine.environment import prepare
from automation.errors import InvalidInput
from automation.settings import load


def secret(environment: str, name: str) -> int:
    """Read the value without showing it, encrypt it for this installation, and return 0."""
    out = Output(as_json=False)
    load(environment)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InvalidInput(f"{name!r} is no name of a secret", hint="Use letters, digits and _.")
    if sys.stdin.isatty():
        value = click.prompt(f"{name} of {environment}", hide_input=True, err=True)
    else:
        value = sys.stdin.read().rstrip("\n")
    if not value:
        raise InvalidInput(f"{name}: an empty value was given", hint="Pipe the value in.")
    Engine(prepare(environment, out.listener)).keep_secret(name, value)
    out.text(f"{name} is set for {environment}, encrypted; the next `up` deploys it.")
    return 0
