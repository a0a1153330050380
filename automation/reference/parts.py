"""What the registries and the flow hold: steps, strategies, gates, sections of the report."""

import importlib

from automation.deployment import CHANGE
from automation.gates import GATES
from automation.preparing import PREPARE
from automation.reference.meanings import REPORT_SECTIONS
from automation.reference.tables import table
from automation.reports.model import DeploymentReport
from automation.strategies import STRATEGIES


def steps() -> str:
    """Return the steps of a deployment in their order."""
    names = [name for name, _ in (*PREPARE, *CHANGE)]
    rows = [
        (str(number), f"`{name}`", _first(f"automation.steps.{name}"))
        for number, name in enumerate(names, start=1)
    ]
    return table(("#", "Step", "What it does"), rows)


def _first(module: str) -> str:
    return (importlib.import_module(module).__doc__ or "").splitlines()[0]


def strategies() -> str:
    """Return the strategies."""
    rows = [
        (
            f"`{name}`",
            "yes" if each.downtime else "no",
            f"{each.summary[:1].upper()}{each.summary[1:]}.",
        )
        for name, each in STRATEGIES.items()
    ]
    return table(("Strategy", "Downtime", "What it does"), rows)


def gates() -> str:
    """Return the gates with what makes them pass or fail."""
    rows = [(f"`{name}`", _sentence(gate.__doc__)) for name, gate in GATES.items()]
    return table(("Gate", "Verdict"), rows)


def _sentence(text: str | None) -> str:
    return (text or "").split("\n\n")[0]


def report_sections() -> str:
    """Return the sections of the report."""
    rows = [(f"`{name}`", REPORT_SECTIONS[name]) for name in DeploymentReport.model_fields]
    return table(("Section", "Holds"), rows)
