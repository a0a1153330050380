"""The commands, from the command line itself."""

from typing import Any

import click

from automation.cli import slipway
from automation.reference.tables import table


def commands() -> str:
    """Return one section for each command: what it does, its usage and its options."""
    return "\n".join(_section(name, slipway.commands[name]) for name in sorted(slipway.commands))


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"./slipway {name}", max_content_width=100)
    usage = command.get_usage(context).removeprefix("Usage: ")
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = [(f"`{_names(each)}`", _meaning(each)) for each in options]
    told = " ".join((command.help or "").split())
    options_told = table(("Option", "Meaning"), rows) if rows else ""
    return f"## {name}\n\n{told}\n\n```text\n{usage}\n```\n\n{options_told}"


def _names(option: click.Option) -> str:
    names = ", ".join((*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} {option.metavar or _value(option.type)}"


def _value(kind: "click.ParamType[Any]") -> str:
    if isinstance(kind, click.Choice):
        return "|".join(kind.choices)
    if isinstance(kind, click.IntRange):
        return "NUMBER"
    return "PATH" if isinstance(kind, click.Path) else "TEXT"


def _meaning(option: click.Option) -> str:
    return f"Required. {option.help or ''}" if option.required else option.help or ""
