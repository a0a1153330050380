"""The steps of a rollout as people read them: shares of the traffic, verdicts, and why."""

from dataclasses import dataclass
from typing import Literal

from automation.reports.course import GateFact
from automation.reports.facts import Facts

Verdict = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True)
class ShownGate:
    """One verdict of a step in a line."""

    verdict: Verdict
    text: str


@dataclass(frozen=True)
class ShownStep:
    """One step; `weights` has service and share of the new release in percent, in their order."""

    number: int
    description: str
    verdict: Verdict | None
    seconds: float | None
    weights: tuple[tuple[str, int], ...]
    gates: tuple[ShownGate, ...]


def rollout(facts: Facts) -> list[ShownStep]:
    """Return all planned steps, with the verdicts that each got."""
    return [
        ShownStep(
            number=step.number,
            description=step.description,
            verdict=step.verdict,
            seconds=step.seconds,
            weights=tuple(step.weights.items()),
            gates=tuple(
                ShownGate(gate.verdict, _told(gate))
                for gate in facts.gates
                if gate.step == step.number
            ),
        )
        for step in facts.rollout
    ]


def _told(gate: GateFact) -> str:
    where = f" of {gate.service}" if gate.service else ""
    return f"{gate.gate}{where}: {gate.verdict}, {gate.reason}"
