"""What can be seen of an environment after a fault, without asking the driver."""

import json
from typing import Any

import psutil
import psycopg

from automation import leftovers
from components.contract.desired import DesiredState
from components.contract.outputs import STATE
from tests.integration.driver import eventually
from tests.integration.tiny import Tiny

CHECKSUM = "SELECT count(*), md5(string_agg(id || ':' || note, ',' ORDER BY id)) FROM ledger"


def orphans(installed: Tiny) -> list[str]:
    """List what runs of this installation and is neither supervised nor the supervisor."""
    run = installed.slipway.run_folder("development")
    file = run / "supervisor.pid"

    def left() -> list[str]:
        expected = _supervised(int(file.read_text())) if file.exists() else set()
        every = [*installed.slipway.processes(), *leftovers.found(run.parent)]
        return sorted({_told(process) for process in every if process.pid not in expected})

    return list(eventually(left, lambda found: found == [], what="no orphan is left", seconds=20))


def _supervised(supervisor: int) -> set[int]:
    try:
        children = psutil.Process(supervisor).children(recursive=True)
    except psutil.Error:
        return set()
    return {supervisor, *(child.pid for child in children)}


def checksum(database: str) -> tuple[Any, ...]:
    """Return how many rows there are and what they hold."""
    with psycopg.connect(database) as connection:
        found = connection.execute(CHECKSUM).fetchone()
    assert found is not None
    return found


def recorded_state(installed: Tiny) -> DesiredState:
    """Return what the engine has on record, without asking anybody."""
    resources = _checkpoint(installed).get("resources") or []
    stack = next(each for each in resources if each["type"] == "pulumi:pulumi:Stack")
    return DesiredState.model_validate(stack["outputs"][STATE])


def pending(installed: Tiny) -> list[Any]:
    """Return the operations that the engine began and does not know the end of."""
    return list(_checkpoint(installed).get("pending_operations") or [])


def _checkpoint(installed: Tiny) -> dict[str, Any]:
    file = installed.home / "state/.pulumi/stacks/slipway/development.json"
    return dict(json.loads(file.read_text())["checkpoint"]["latest"])


def _told(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.Error:
        return str(process.pid)
