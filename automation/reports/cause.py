"""From the facts: whether this deployment is an incident, and what caused it."""

from typing import Final, cast, get_args

from automation.reports.course import GateFact, Trigger
from automation.reports.facts import Facts
from automation.reports.observed import STEPS, StepFact, StepName

INCIDENT: Final = "incident.md"
"""Name of the document, beside the report."""
TOUCHING: Final = STEPS[STEPS.index("provision") :]
"""Steps from which on something that is live may have been changed."""
OF_GATE: Final[dict[str, Trigger]] = {
    "health": "health",
    "served": "health",
    "metrics": "inconclusive",  # without them no traffic can be judged
    "smoke": "smoke_test",
    "performance": "error_rate",  # slower alone is no reason to go back
}
OF_STEP: Final[dict[StepName, Trigger]] = {
    "provision": "engine",
    "migrate": "migration",
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
    """Return the verdict that the deployment did not go on from, or None where it had none."""
    return next((gate for gate in reversed(facts.gates) if gate.ended), None)


def failed_step(facts: Facts) -> StepFact | None:
    """Return the step that did not pass, or None where all did."""
    broken = (step for step in facts.steps if step.status in ("failed", "interrupted"))
    return next(broken, None)


def trigger(facts: Facts) -> Trigger:
    """Return what set off the incident, once it is known how the deployment ended."""
    if facts.action == "rollback" and facts.outcome == "deployed":
        return "operator"
    return "interrupted" if facts.outcome == "interrupted" else set_off(facts)


def set_off(facts: Facts) -> Trigger:
    """Return what went wrong: as the gate that ended it, the engine, or the failed step tells."""
    gate, step = failed_gate(facts), failed_step(facts)
    if step is not None and step.status == "interrupted":
        return "interrupted"
    if step is None or step.name not in TOUCHING:
        earlier = facts.rollback.trigger if facts.rollback else None
        return earlier or facts.trigger or "other"
    return _of_gate(gate) if gate else facts.trigger or OF_STEP.get(step.name, "other")


def _of_gate(gate: GateFact) -> Trigger:
    named = gate.evidence.get("trigger")
    if named in get_args(Trigger):
        return cast(Trigger, named)
    return "inconclusive" if gate.verdict == "inconclusive" else OF_GATE.get(gate.gate, "other")
