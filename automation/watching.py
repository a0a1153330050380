"""Watch what new slots serve beside the old ones, with the numbers of the load balancer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from automation import site
from automation.context import Context
from automation.gates.base import GateResult, Verdict
from automation.gates.judge import Decision, judge
from automation.gates.proof import prove
from automation.metrics import SOURCES
from automation.metrics.base import Source
from automation.probes.client import direct_client
from automation.probes.synthetic import Synthetic
from automation.specification.models import Thresholds
from automation.strategies.base import Step
from components.contract import outputs
from components.contract.desired import SlotName
from components.contract.platforms import LOAD_BALANCERS
from components.contract.release import SERVICES, ServiceName


def proven(context: Context, service: ServiceName, slot: SlotName) -> GateResult:
    """See a request that fails on purpose be counted: else no gate could see one that does not."""
    context.events.progress(f"{service} {slot}: is a failure counted?")
    with numbers(context) as source, site.client(context.outputs) as public:
        if source is None:
            return _nothing(context)
        path = site.paths_to(context, context.target(), service)[0]
        return prove(source, public, service, slot, clock=context.clock, path=path)


def watched(context: Context, step: Step) -> Decision:
    """Watch the traffic of a step's slots for as long as it holds; say whether to go on."""
    gated = sum(len(each.slots) for each in context.steps if each.gate == "traffic")
    found = context.specification
    with numbers(context) as source, site.client(context.outputs) as public:
        if source is None:
            return Decision(_nothing(context), go_on=False)
        return judge(
            source,
            step.slots,
            step.old,
            settings=context.settings,
            thresholds=found.thresholds if found else Thresholds(),
            gated_steps=gated,
            sender=Synthetic(public, _paths(context), clock=context.clock),
            clock=context.clock,
            hold_seconds=step.hold_seconds,
            progress=context.events.progress,
            cancelled=context.interruption.cancelled.is_set,
        )


@contextmanager
def numbers(context: Context) -> Iterator[Source | None]:
    """Give the source of the load balancer's numbers, None where it has none."""
    name = LOAD_BALANCERS[context.settings.load_balancer_platform].statistics
    url = context.outputs.get(outputs.EDGE_STATISTICS_URL)
    if not name or not url:
        yield None
        return
    with direct_client() as direct:
        yield SOURCES[name](url, direct)


def _nothing(context: Context) -> GateResult:
    platform = context.settings.load_balancer_platform
    return GateResult(
        Verdict.INCONCLUSIVE, f"the load balancer {platform} gives no numbers for each slot"
    )


def _paths(context: Context) -> dict[ServiceName, Sequence[str]]:
    release = context.target()
    return {
        name: site.paths_to(context, release, name)
        for name in SERVICES
        if release.artifact(name) is not None
    }
