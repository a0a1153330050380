"""From the facts, the section `evidence`."""

from dataclasses import asdict

from automation.reports.course import GateFact
from automation.reports.evidence import (
    Evidence,
    GateVerdict,
    Live,
    Load,
    Probe,
    RolloutStep,
    ServedRelease,
    SlotWeight,
    StepResult,
    WayBack,
)
from automation.reports.facts import Facts
from automation.reports.happened import RolloutStepFact
from automation.reports.migrated import migration


def evidence(facts: Facts) -> Evidence:
    """Return what the rest of the report rests on."""
    return Evidence(
        application=facts.application,
        reason=facts.reason,
        seconds=facts.seconds,
        steps=tuple(StepResult(**asdict(step)) for step in facts.steps),
        rollout=tuple(_step(step) for step in facts.rollout),
        gates=tuple(_gate(fact) for fact in facts.gates),
        traffic_back_seconds=facts.rollback.traffic_seconds if facts.rollback else None,
        live=_live(facts),
        way_back=_way_back(facts),
        releases_served=tuple(ServedRelease(**asdict(served)) for served in facts.served),
        probe=_probe(facts),
        load=Load(
            requests=facts.performance.requests if facts.performance else None,
            baseline={**facts.performance.baseline} if facts.performance else {},
        ),
        migration=migration(facts),
        reused_artifacts=tuple(name for name, build in facts.builds.items() if build.reused),
    )


def _step(fact: RolloutStepFact) -> RolloutStep:
    return RolloutStep(
        number=fact.number,
        description=fact.description,
        verdict=fact.verdict,
        seconds=fact.seconds,
    )


def _gate(fact: GateFact) -> GateVerdict:
    names = ("step", "service", "slot", "gate", "verdict", "reason", "weight", "at")
    return GateVerdict(
        **{name: getattr(fact, name) for name in names}, evidence=dict(fact.evidence)
    )


def _live(facts: Facts) -> Live:
    fact = facts.live
    return Live(
        release=fact.release if fact else None,
        version=fact.version if fact else None,
        url=fact.url if fact else None,
        slots=tuple(SlotWeight(**asdict(slot)) for slot in fact.slots) if fact else (),
    )


def _way_back(facts: Facts) -> WayBack:
    fact = facts.way_back
    return WayBack(
        command=fact.command if fact else None,
        release=fact.release if fact else None,
        version=fact.version if fact else None,
    )


def _probe(facts: Facts) -> Probe:
    if facts.probe is None:
        return Probe(
            requests=None,
            failed=None,
            failures={},
            p50_ms=None,
            p99_ms=None,
            longest_gap_ms=None,
            timeline=(),
            weights=(),
        )
    return Probe.model_validate(asdict(facts.probe))
