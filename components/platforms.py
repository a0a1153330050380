"""Look a platform up in a registry."""

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

from components.contract.platforms import Platform


class UnknownPlatform(ValueError):
    """A platform that the registry does not have."""


def check(kind: str, name: str, registry: Mapping[str, Platform]) -> None:
    """Raise UnknownPlatform, listing the choices, unless the registry has the name."""
    if name not in registry:
        near = difflib.get_close_matches(name, registry, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownPlatform(
            f"{kind} platform {name!r} is unknown; choices: {', '.join(sorted(registry))}{hint}"
        )


def load(kind: str, name: str, registry: Mapping[str, Platform]) -> Any:
    """Import what declares a platform.

    Only the platform that is asked for is imported: the clouds' SDKs take seconds.
    """
    check(kind, name, registry)
    module, attribute = registry[name].declared_by.split(":")
    return getattr(importlib.import_module(module), attribute)
