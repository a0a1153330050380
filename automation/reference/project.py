"""The keys of the configuration as the project's file declares them for the engine."""

from typing import Any

import yaml
from pydantic.fields import FieldInfo

from components.contract.names import PROJECT
from components.contract.settings import Settings

TYPES: dict[type, str] = {str: "string", int: "integer", bool: "boolean", float: "string"}
"""The engine knows no fractions: they are declared, and handed over, as text."""


def declared() -> dict[str, dict[str, Any]]:
    """Return type, default and description of every key, in the engine's words."""
    return {
        f"{PROJECT}:{field.alias or name}": _declared(field)
        for name, field in Settings.model_fields.items()
    }


def filled(text: str) -> str:
    """Return the project's file with the keys that the model has now: they come last."""
    before = text[: text.index("config:\n")]
    return before + yaml.safe_dump({"config": declared()}, sort_keys=False, width=100)


def _declared(field: FieldInfo) -> dict[str, Any]:
    default, kind = field.default, type(field.default)
    if kind is tuple:
        items = {"type": TYPES[type(default[0]) if default else str]}
        shape: dict[str, Any] = {"type": "array", "items": items, "default": list(default)}
    else:
        shape = {"type": TYPES[kind], "default": str(default) if kind is float else default}
    return {**shape, "description": field.description}
