"""The environments that can be named on the command line."""

import difflib

from automation.errors import InvalidInput
from components.contract.names import ENVIRONMENTS


def check_environment(name: str) -> None:
    """Raise InvalidInput, listing the choices, unless the environment is known."""
    if name in ENVIRONMENTS:
        return
    near = difflib.get_close_matches(name, ENVIRONMENTS, n=1)
    hint = f"did you mean {near[0]}?" if near else "choose one of them"
    known = ", ".join(ENVIRONMENTS)
    raise InvalidInput(f"unknown environment {name!r}; known: {known}", hint=hint)
