"""The way from the command line to a use case."""

from typing import Any


def call(module: str, function: str, **arguments: Any) -> None:
    """Call a use case. Imported only now: `--help` must not wait for the engine's SDK."""
    import gc
    import importlib

    if "environment" in arguments:
        from automation import leftovers
        from automation.home import Home

        leftovers.sign(Home.locate().environment(arguments["environment"]))
    gc.disable()  # what is imported stays: looking for garbage in it is a tenth of the time
    use_case = getattr(importlib.import_module(f"automation.commands.{module}"), function)
    gc.freeze()
    gc.enable()
    code = use_case(**arguments)
    if code:
        raise SystemExit(code)
