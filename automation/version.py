"""The version of Slipway, as `pyproject.toml` has it."""

import tomllib
from functools import cache

from automation.home import PROJECT


@cache
def version() -> str:
    """Return the version, for example `0.1.0`."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
