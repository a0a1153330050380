"""From the facts: whether this deployment is an incident, and what caused it."""

from typing import Final, cast, get_args

from automation.reports.course import GateFact, Trigger
from automation.reports.facts import Facts
from automation.reports.observed import STEPS, StepFact, StepName

INCIDENT: Final = "incident.md"
"""Name of the document, beside the report."""
TOUCHING: Final = STEPS[STEPS.index("provision") :]
"""Steps from which on something that is live may have been changed."""
OF_GATE: Final = {
    "health": "health",
    "served": "health",
    "smoke": "smoke_test",
    "smoke_test": "smoke_test",
    "performance": "performance",
}
OF_STEP: Final[dict[StepName, Trigger]] = {
    "provision": "engine",
    "migrate": "migration",
    "roll_out": "health",
    "verify": "health",
    "smoke_test": "smoke_test",
    "contract": "migration",
}


def documented(facts: Facts) -> bool:
    """Tell whether an incident is written: it failed, or the way back was taken, or was asked for.

    A deployment that was blocked, or whose build failed, has touched nothing: that is none. Nor
    is a rollback that found nothing to do.
    """
    if facts.rollback is not None or facts.outcome in ("failed", "rolled_back"):
        return True
    if facts.outcome == "interrupted":
        return any(step.name in TOUCHING for step in facts.steps)
    return facts.action == "rollback" and facts.outcome == "deployed"


def failed_gate(facts: Facts) -> GateFact | None:
    """Return the last verdict that is not a pass, or None where all passed."""
    return next((gate for gate in reversed(facts.gates) if gate.verdict != "pass"), None)


def failed_step(facts: Facts) -> StepFact | None:
    """Return the step that did not pass, or None where all did."""
    broken = (step for step in facts.steps if step.status in ("failed", "interrupted"))
    return next(broken, None)


def trigger(facts: Facts) -> Trigger:
    """Return what set off the incident: as it was recorded, else as gate and step tell."""
    if facts.rollback is not None and facts.rollback.trigger is not None:
        return facts.rollback.trigger
    gate, step = failed_gate(facts), failed_step(facts)
    if facts.outcome == "interrupted" or (step is not None and step.status == "interrupted"):
        return "interrupted"
    if gate is not None and step is not None:
        return _of_gate(gate)
    if step is None:
        return "operator" if facts.action == "rollback" else "other"
    return OF_STEP.get(step.name, "other")


def _of_gate(gate: GateFact) -> Trigger:
    named = gate.evidence.get("trigger")
    if named in get_args(Trigger):
        return cast(Trigger, named)
    if gate.verdict == "inconclusive":
        return "inconclusive"
    return cast(Trigger, OF_GATE.get(gate.gate, "other"))
