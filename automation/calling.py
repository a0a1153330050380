"""The way from the command line to a use case."""

from typing import Any


def call(module: str, function: str, **arguments: Any) -> None:
    """Call a use case. Imported only now: `--help` must not wait for the engine's SDK."""
    import importlib

    if "environment" in arguments:
        from automation import leftovers
        from automation.home import Home

        leftovers.sign(Home.locate().environment(arguments["environment"]))
    code = getattr(importlib.import_module(f"automation.commands.{module}"), function)(**arguments)
    if code:
        raise SystemExit(code)
