"""Replicas that died and were started again: healthy once more, but not well."""

from pathlib import Path

import psutil

from automation.context import Context
from components.contract import outputs
from components.contract.desired import SLOTS
from components.contract.release import SERVICES


def remember(context: Context) -> None:
    """Note the processes of the target's replicas, those that were not noted before."""
    mine = tuple(
        f"{name}-{slot}-"
        for name in SERVICES
        for slot in SLOTS
        if context.declared.service(name).slot(slot).release == context.target().id
    )
    for name, process in (_processes(context) or {}).items():
        if name.startswith(mine):
            context.processes.setdefault(name, process)


def seen(context: Context) -> bool:
    """Tell whether the platform runs processes on this machine, whose deaths can be seen."""
    return context.outputs.get(outputs.RUN_DIRECTORY) is not None


def since(context: Context) -> str | None:
    """Say which of the noted replicas run no more, or again; None where all still run.

    Always None where the platform runs no processes on this machine.
    """
    now = _processes(context)
    if now is None:
        return None
    again = sorted(name for name, was in context.processes.items() if now.get(name, was) != was)
    gone = sorted(name for name in context.processes if name not in now)
    told = [f"{name} died and was started again" for name in again]
    told += [f"{name} died" for name in gone]
    return "; ".join(told) or None


def _processes(context: Context) -> dict[str, int] | None:
    """Map the programs that the environment's supervisor runs to their processes.

    Not to when these began: that moves where the machine's clock is set.
    """
    run = context.outputs.get(outputs.RUN_DIRECTORY)
    if run is None:
        return None
    try:
        children = psutil.Process(int(Path(run, "supervisor.pid").read_text())).children()
    except (OSError, ValueError, psutil.Error):
        return None
    found: dict[str, int] = {}
    for child in children:
        try:
            found[child.environ().get(outputs.PROGRAM_MARK, "")] = child.pid
        except (psutil.Error, OSError):
            continue
    return found
