"""The engine's state in a folder: made whole again where a crash has cut its file short."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automation.errors import DeploymentFailed
from components.contract.names import PROJECT

STACKS, HISTORY = ".pulumi/stacks", ".pulumi/history"
ASIDE = ".broken"


def mend(backend: Path, stack: str) -> str | None:
    """Put the newest whole copy in the place of a file that is cut short.

    Return what was done, or None where nothing was to be done. The engine keeps the file before
    (`.bak`) and one for each update in its history. Raise DeploymentFailed where no copy is whole.
    """
    file = _file(backend, stack)
    if not file.exists() or _content(file) is not None:
        return None
    copy = next((each for each in _copies(backend, stack) if _content(each) is not None), None)
    if copy is None:
        raise DeploymentFailed(
            f"{file} is not whole, and no copy of it is",
            hint="Restore that file from your own backup: it says what is live.",
        )
    file.replace(file.with_name(f"{file.name}{ASIDE}"))
    shutil.copy2(copy, file)
    return f"the engine's state was cut short: {copy.name} is in its place"


def exists(backend: Path, stack: str) -> bool:
    """Tell whether there is a stack of that name, whole or not."""
    return _file(backend, stack).exists()


def pending(backend: Path, stack: str) -> list[str]:
    """Name the resources of which the engine knows only that it had begun to change them."""
    content = _content(_file(backend, stack)) or {}
    latest = (content.get("checkpoint") or {}).get("latest") or {}
    return [str(each["resource"]["urn"]) for each in latest.get("pending_operations") or ()]


def _file(backend: Path, stack: str) -> Path:
    return backend / STACKS / PROJECT / f"{stack}.json"


def _copies(backend: Path, stack: str) -> Iterator[Path]:
    file = _file(backend, stack)
    yield file.with_name(f"{file.name}.bak")
    history = backend / HISTORY / PROJECT / stack
    yield from sorted(history.glob("*.checkpoint.json"), reverse=True)


def _content(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "checkpoint" in found else None
