"""References to what only a cloud, or an operator, knows: found in values, and replaced. Pure."""

import re
from collections.abc import Callable, Iterator
from typing import Any

PATTERN = re.compile(r"\{\{([A-Za-z0-9][A-Za-z0-9.-]*):([^{}]+)\}\}")
"""As the program writes them: a resource's or a lookup's name, and the path of a property."""
Written = Callable[[str, str], str]


def replaced(value: Any, written: Written) -> Any:
    """Return a value with every reference as `written(name, path)` has it."""
    if isinstance(value, str):
        return PATTERN.sub(lambda found: written(found.group(1), found.group(2)), value)
    if isinstance(value, list):
        return [replaced(each, written) for each in value]
    if isinstance(value, dict):
        return {key: replaced(each, written) for key, each in value.items()}
    return value


def found_in(value: Any) -> Iterator[tuple[str, str]]:
    """Yield name and path of every reference."""
    if isinstance(value, str):
        yield from PATTERN.findall(value)
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from found_in(each)


def variable(name: str, path: str) -> str:
    """Return the environment variable that stands for a reference."""
    short = f"{name.removeprefix('application-')}_{path}"
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", short)
    return re.sub(r"[^A-Za-z0-9]+", "_", spaced).strip("_").upper()


def shell(name: str, path: str) -> str:
    """Return a reference as a shell, `envsubst` and Docker Compose read it."""
    return f"${{{variable(name, path)}}}"
