"""From the facts, the section `evidence`."""

from dataclasses import asdict

from automation.reports.evidence import (
    Evidence,
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


def evidence(facts: Facts) -> Evidence:
    """Return what the rest of the report rests on."""
    return Evidence(
        application=facts.application,
        reason=facts.reason,
        seconds=facts.seconds,
        steps=tuple(StepResult(**asdict(step)) for step in facts.steps),
        rollout=tuple(RolloutStep(**asdict(step)) for step in facts.rollout),
        live=_live(facts),
        way_back=_way_back(facts),
        releases_served=tuple(ServedRelease(**asdict(served)) for served in facts.served),
        probe=_probe(facts),
        load=Load(
            requests=facts.performance.requests if facts.performance else None,
            baseline={**facts.performance.baseline} if facts.performance else {},
        ),
        reused_artifacts=tuple(name for name, build in facts.builds.items() if build.reused),
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
            p50_ms=None,
            p99_ms=None,
            longest_gap_ms=None,
            timeline=(),
            weights=(),
        )
    return Probe.model_validate(asdict(facts.probe))
