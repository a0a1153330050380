"""Turn the keys of a stack's file into settings, with errors that name file, key and remedy."""

import contextlib
import difflib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from components.contract.names import PROJECT
from components.contract.settings import Settings


class SettingsInvalid(ValueError):
    """The configuration is wrong; `problems` has one line for each key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def alias(name: str) -> str:
    """Return the key of an attribute of the settings, in camelCase."""
    return Settings.model_fields[name].alias or name


def keys() -> list[str]:
    """List the known keys, in camelCase."""
    return [field.alias or name for name, field in Settings.model_fields.items()]


def settings_from(values: Mapping[str, Any], file: str) -> Settings:
    """Validate values by key (without the project's prefix).

    Raise SettingsInvalid with every problem at once.
    """
    problems = [_unknown(key, file) for key in values if key not in keys()]
    known = {key: _typed(value) for key, value in values.items() if key in keys()}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        problems += [
            f"{file}: {PROJECT}:{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            f"{_got(each['input'])}"
            for each in error.errors()
        ]
    if problems:
        raise SettingsInvalid(problems)
    return settings


def _got(value: Any) -> str:
    # A URL may hold a password, and what is wrong with several keys comes with all of them.
    shown = repr(value)
    hidden = isinstance(value, Mapping) or "@" in shown or "://" in shown
    return "" if hidden else f" (got {shown})"


def _unknown(key: str, file: str) -> str:
    near = difflib.get_close_matches(key, keys(), n=1, cutoff=0.5)
    remedy = f"did you mean {PROJECT}:{near[0]}?" if near else f"known keys: {', '.join(keys())}"
    return f"{file}: unknown key {PROJECT}:{key}; {remedy}"


def _typed(value: Any) -> Any:
    # The engine hands every value over as text: pydantic reads numbers and null of it, and neither
    # booleans nor the JSON of lists.
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        with contextlib.suppress(ValueError):  # no list: its field says so
            return json.loads(value)
    return {"true": True, "false": False}.get(value, value)
