"""The files `.env.<environment>` and `secrets.txt`. Neither holds the value of a secret."""

import re
from typing import Final

from automation.reports.configured import ConfigurationFact, VariableFact
from automation.reports.observed import Service

BARE: Final = re.compile(r"[\w@%+=:,./-]*", re.ASCII)


def environment_text(configuration: ConfigurationFact, environment: str) -> str:
    """Return `.env.<environment>`: resolved values, and a reference for each that is secret."""
    lines = [
        f"# Variables of {environment}. Values that hold a secret are given as references,",
        "# never resolved: `${...}` names what Slipway puts in their place at run time.",
    ]
    services: tuple[Service, ...] = ("backend", "frontend")
    for service in services:
        own = [fact for fact in configuration.variables if fact.service == service]
        if own:
            lines += ["", f"# {service}", *map(_variable, sorted(own, key=lambda v: v.name))]
    return "".join(f"{line}\n" for line in lines)


def _variable(fact: VariableFact) -> str:
    return f"{fact.name}={_quoted(fact.reference if fact.value is None else fact.value)}"


def _quoted(value: str) -> str:
    """Quote a value so that dotenv readers neither split nor expand it."""
    if BARE.fullmatch(value):
        return value
    if "'" not in value and "\n" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"{}"'.format(escaped.replace("\n", "\\n"))


def secrets_text(configuration: ConfigurationFact, environment: str) -> str:
    """Return `secrets.txt`: the name of each secret, who made it, and where it is kept."""
    lines = [f"# Secrets of {environment}: references only, no values."]
    for fact in sorted(configuration.secrets, key=lambda secret: secret.name):
        lines.append(f"{fact.name}  {fact.source}  {fact.reference}")
    if not configuration.secrets:
        lines.append("# The application declares no secrets.")
    return "".join(f"{line}\n" for line in lines)
