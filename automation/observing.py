"""Watch the public address while something changes behind it, and conclude what was seen."""

from dataclasses import replace
from datetime import UTC, datetime

from automation import site
from automation.context import Context
from automation.polling import SystemClock
from automation.probes.observations import ProbeResult
from automation.probes.prober import Prober
from automation.reports.base import Outcome
from automation.reports.happened import (
    LiveFact,
    ProbeFact,
    ProbeSecondFact,
    ServedFact,
    SlotFact,
    WeightFact,
)
from components.contract import outputs
from components.contract.desired import SLOTS, DesiredState, SlotName
from components.contract.release import SERVICES, ServiceName


def begin(context: Context) -> None:
    """Probe what is live from here on. Nothing to do where nothing is, or it has begun."""
    live = context.declared.live_release()
    if context.prober is not None or live is None or not context.outputs.get(outputs.PUBLIC_URL):
        return
    targets = {name: site.path_of(a) for name in SERVICES if (a := live.artifact(name))}
    try:
        context.prober_client = site.client(context.outputs)
    except OSError as error:
        # The authority's file may be gone: provisioning writes it again.
        context.events.note(f"what is live cannot be probed yet: {error}")
        return
    context.prober = Prober(context.prober_client, targets)
    context.prober.start()
    mark(context, context.declared)


def mark(context: Context, state: DesiredState) -> None:
    """Note on the timeline and beside the probes which weights hold from now on."""
    shares = [
        f"{name} blue {slots.blue.weight} %, green {slots.green.weight} %"
        for name in SERVICES
        if (slots := state.service(name)).live() is not None
    ]
    context.facts.tell("weights", "; ".join(shares) or "nothing is live")
    if context.prober is not None:
        weights: dict[ServiceName, dict[SlotName, int]] = {
            name: {slot: state.service(name).slot(slot).weight for slot in SLOTS}
            for name in SERVICES
        }
        context.prober.weights(SystemClock().time(), weights)


def conclude(context: Context, outcome: Outcome, reason: str) -> None:
    """Stop probing and put what is known at the end into the facts."""
    facts = context.facts
    facts.outcome, facts.reason = outcome, context.redactor.text(reason)
    facts.seconds = (datetime.now(UTC) - context.started).total_seconds()
    if context.prober is not None:
        _probed(context, context.prober.stop())
    if context.prober_client is not None:
        context.prober_client.close()
    _live(context)


def _probed(context: Context, result: ProbeResult) -> None:
    gap = result.longest_gap_seconds
    context.facts.probe = ProbeFact(
        requests=result.sent,
        failed=result.failed,
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        longest_gap_ms=None if gap is None else gap * 1000,
        failures=dict(result.failures),
        timeline=tuple(
            ProbeSecondFact(second=s.second, sent=s.sent, failed=s.failed) for s in result.rows
        ),
        weights=tuple(
            WeightFact(second=change.at, service=service, **dict(weights))
            for change in result.changes
            for service, weights in change.weights.items()
        ),
    )
    context.facts.served = [
        ServedFact(service=service, release=release, responses=count)
        for service, seen in result.services.items()
        for release, count in seen.releases.items()
    ]
    for service, fact in list(context.facts.health.items()):
        tally = result.services.get(service)
        if tally is not None:
            context.facts.health[service] = replace(fact, probes=tally.sent, failures=tally.failed)


def _live(context: Context) -> None:
    """Say what is live, and whether its release was seen to answer just now."""
    state = context.declared
    release = state.live_release()
    if release is None:
        return
    services = [name for name in SERVICES if release.artifact(name) is not None]
    context.facts.live = LiveFact(
        release=release.id,
        version=release.version,
        url=context.outputs.get(outputs.PUBLIC_URL),
        slots=tuple(
            SlotFact(service=name, slot=slot, release=held.release, weight=held.weight)
            for name in services
            for slot in SLOTS
            if (held := state.service(name).slot(slot)).release is not None
        ),
        serving=all(site.answers(context.outputs, release, name) for name in services),
    )
