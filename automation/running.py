"""What is seen of a running release besides its answers: processes, resources, logs."""

import re
from pathlib import Path

import psutil

from automation.context import Context
from automation.reports.observed import CheckFact
from components.contract import outputs
from components.contract.platforms import BACKENDS
from components.contract.release import SERVICES

TROUBLE = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|^Traceback \(most recent call last\)")
"""How the usual loggers of Python and Node begin a line that somebody should read."""
SHOWN = 160


def logs_of(context: Context) -> list[Path]:
    """List the logs of the replicas of both slots; empty where the platform keeps none here."""
    run = context.outputs.get(outputs.RUN_DIRECTORY)
    if not run:
        return []
    return sorted(path for name in SERVICES for path in Path(run, "logs").glob(f"{name}-*.log"))


def sizes(context: Context) -> dict[str, int]:
    """Return how long each log is now, to tell later what was written since."""
    return {str(path): path.stat().st_size for path in logs_of(context)}


def written(context: Context, path: Path) -> list[str]:
    """Return the lines that a log has got since the deployment began; all where it was rotated."""
    start = context.log_sizes.get(str(path), 0)
    with path.open("rb") as file:
        file.seek(start if path.stat().st_size >= start else 0)
        return file.read().decode(errors="replace").splitlines()


def services(context: Context) -> CheckFact:
    """Say how many replicas run: those that the health gate has just seen ready."""
    counts = {
        name: slots.slot(live).replicas
        for name in SERVICES
        if (live := (slots := context.declared.service(name)).live()) is not None
    }
    told = ", ".join(f"{name}: {count} replicas" for name, count in counts.items())
    # Elsewhere one address stands for all replicas of a slot: whichever is ready answers.
    details = f"each answers; declared: {told}" if elsewhere(context) else f"all ready: {told}"
    return CheckFact(name="services", status="passed", details=details, item="services_running")


def elsewhere(context: Context) -> bool:
    """Tell whether the backend's replicas run on another machine."""
    return BACKENDS[context.settings.backend_platform].remote


def resources(context: Context) -> CheckFact:
    """Say how much of this machine is in use, where the replicas run on it."""
    if elsewhere(context):
        details = "the replicas are not on this machine: monitoring has their use of resources"
        return CheckFact(name="resources", status="skipped", details=details, item="resource_usage")
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(context.home.root))
    cpu = psutil.cpu_percent(interval=0.1)
    details = f"CPU {cpu:.0f} %, memory {memory.percent:.0f} %, disk {disk.percent:.0f} %"
    return CheckFact(name="resources", status="passed", details=details, item="resource_usage")


def logs(context: Context) -> CheckFact:
    """Look for errors in what the replicas have logged since the deployment began."""
    found: list[str] = []
    paths = logs_of(context)
    for path in paths:
        lines = written(context, path)
        found += [f"{path.name}: {line[:SHOWN]}" for line in lines if TROUBLE.search(line)]
    if not paths:
        details = "the platform keeps no logs on this machine"
        return CheckFact(name="logs", status="skipped", details=details, item="logs_clean")
    shown = context.redactor.text("; ".join(found[:3]))
    return CheckFact(
        name="logs",
        status="failed" if found else "passed",
        details=f"{len(found)} errors: {shown}" if found else f"no errors in {len(paths)} logs",
        item="logs_clean",
    )
