"""Replicas that died and were started again: healthy once more, but not well."""

from pathlib import Path

import psutil

from automation.context import Context
from components.contract import outputs
from components.contract.desired import SLOTS
from components.contract.release import SERVICES


def remember(context: Context) -> None:
    """Note when the target's replicas started, those that were not noted before."""
    mine = tuple(
        f"{name}-{slot}-"
        for name in SERVICES
        for slot in SLOTS
        if context.declared.service(name).slot(slot).release == context.target().id
    )
    for name, at in (_starts(context) or {}).items():
        if name.startswith(mine):
            context.starts.setdefault(name, at)


def since(context: Context) -> str | None:
    """Say which of the noted replicas run no more, or again; None where all still run.

    Always None where the platform runs no processes on this machine.
    """
    now = _starts(context)
    if now is None:
        return None
    again = sorted(name for name, at in context.starts.items() if now.get(name, at) != at)
    gone = sorted(name for name in context.starts if name not in now)
    told = [f"{name} died and was started again" for name in again]
    told += [f"{name} died" for name in gone]
    return "; ".join(told) or None


def _starts(context: Context) -> dict[str, float] | None:
    """Map the programs that the environment's supervisor runs to when each was started."""
    run = context.outputs.get(outputs.RUN_DIRECTORY)
    if run is None:
        return None
    try:
        children = psutil.Process(int(Path(run, "supervisor.pid").read_text())).children()
    except (OSError, ValueError, psutil.Error):
        return None
    found: dict[str, float] = {}
    for child in children:
        try:
            found[child.environ().get(outputs.PROGRAM_MARK, "")] = child.create_time()
        except (psutil.Error, OSError):
            continue
    return found
