"""Judge a step of a rollout: show its gates what they may look at, and record each verdict."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from automation import deaths, site, verdicts, watching
from automation.context import Context
from automation.gates.base import Context as GateContext
from automation.gates.base import GateResult, Verdict
from automation.gates.smoke import SmokeGate
from automation.smoke.reach import within
from automation.specification.models import Flow
from automation.steps import smoke_test
from automation.strategies.base import Step
from components.contract.desired import SlotName
from components.contract.release import ServiceName


@dataclass(frozen=True)
class Judgement:
    """What a step's gate says. `go_on` may be true without a pass: where a policy has it so."""

    result: GateResult
    go_on: bool

    @classmethod
    def of(cls, result: GateResult) -> "Judgement":
        """Go on with a pass alone."""
        return cls(result, result.verdict is Verdict.PASS)


Look = tuple[str, ServiceName | None, SlotName | None, Callable[[], Judgement]]


def judge(context: Context, number: int, step: Step) -> Judgement | None:
    """Return the first judgement that ends the rollout, else the last; None without a gate."""
    judged: Judgement | None = None
    for gate, service, slot, look in _looks(context, step):
        judged = look()
        result = judged.result
        verdicts.record(
            context,
            gate,
            result,
            go_on=judged.go_on,
            step=number,
            service=service,
            slot=slot,
            weight=step.state.service(service).slot(slot).weight if service and slot else None,
        )
        if gate == "traffic":
            # such as that the policy took the next step without a verdict
            for finding in result.findings:
                context.events.note(finding)
                context.facts.short_term.append(finding)
        if not judged.go_on:
            return judged
    return judged


def _looks(context: Context, step: Step) -> Iterator[Look]:
    target = context.target()
    for service, slot in step.slots.items() if step.gate != "none" else ():
        # An idle slot is asked for by header, one with all traffic like anybody asks.
        asked = None if step.gate == "served" else slot
        yield "health", service, slot, _of(site.health, context, target, service, slot)
        yield "served", service, slot, _of(site.served, context, target, service, asked)
        if step.gate == "health":
            site.warm(context, target, service, slot)
        if step.gate == "traffic" and service not in context.proven:
            yield "metrics", service, slot, _of(_proven, context, service, slot)
    if step.gate == "traffic":
        only = len(step.slots) == 1
        service_of, slot_of = next(iter(step.slots.items())) if only else (None, None)
        yield "traffic", service_of, slot_of, lambda: _watched(context, step)
    flows = _flows_of(context, step)
    if flows:
        yield "smoke", None, None, _of(_smoke, context, step, flows)
    if step.slots and deaths.seen(context):
        yield "health", None, None, _of(_alive, context)


def _of(look: Callable[..., GateResult], *arguments: object) -> Callable[[], Judgement]:
    return lambda: Judgement.of(look(*arguments))


def _watched(context: Context, step: Step) -> Judgement:
    decision = watching.watched(context, step)
    context.interruption.check()
    result, died = decision.result, deaths.since(context)
    if died is not None and not decision.go_on:
        # Answers that broke off are how traffic sees it; this is what happened.
        evidence = {**result.evidence, "trigger": "health"}
        result = replace(result, reason=f"{died}; {result.reason}", evidence=evidence)
    return Judgement(result, decision.go_on)


def _proven(context: Context, service: ServiceName, slot: SlotName) -> GateResult:
    result = watching.proven(context, service, slot)
    if result.verdict is Verdict.PASS:
        context.proven.add(service)
    return result


def _alive(context: Context) -> GateResult:
    # A replica that died may be ready again before anybody asks: its start tells.
    died = deaths.since(context)
    if died is None:
        return GateResult(Verdict.PASS, "no replica has died")
    return GateResult(Verdict.FAIL, f"{died} since it was placed", {"trigger": "health"})


def _flows_of(context: Context, step: Step) -> tuple[Flow, ...]:
    """Return the flows that can be run on the target alone: one header names one slot."""
    found = context.specification
    if found is None or len(set(step.flows.values())) != 1:
        return ()
    return within(found.smoke, context.target(), step.flows)


def _smoke(context: Context, step: Step, flows: tuple[Flow, ...]) -> GateResult:
    """Run flows against the target before the rest of it gets traffic."""
    results = smoke_test.flows(context, flows, step.flows)
    result = SmokeGate().evaluate(GateContext(flows=tuple(results)))
    if result.verdict is Verdict.FAIL:
        reason = f"smoke test of what has no traffic yet: {result.reason}"
        return replace(result, reason=reason)
    if result.verdict is Verdict.PASS:
        return result
    # What could not be run here is run by the smoke test, which judges all of it.
    return GateResult(Verdict.PASS, f"no flow failed; {result.reason}", result.evidence)
