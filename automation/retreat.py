"""The way back to an older state: capacity first, then traffic, then everything else."""

import contextlib
from collections.abc import Collection, Iterator

from automation import observing, site
from automation.context import Context
from automation.declare import settle
from automation.errors import DeploymentFailed, SlipwayError
from automation.gates.base import GateResult, Verdict
from automation.homeward import capacity_back, never_both, traffic_back
from automation.reports.course import UndoStepFact
from automation.standing import standing
from automation.strategies.recreate import stopped
from automation.traffic import divert
from components.contract.desired import DesiredState, SlotName
from components.contract.release import SERVICES, Release, ServiceName

LOOK_SECONDS = 3.0
"""For replicas that should run already: only so long as one that runs may be too busy to answer."""


def retreat(context: Context, state: DesiredState, message: str) -> tuple[UndoStepFact, ...]:
    """Make an older state real and return what was done, in order.

    Nothing is removed that has traffic, and nothing is given traffic that has too few replicas:
    an old release that was scaled down, or that does not run as it is declared, gets its replicas
    back before anything else. Raise DeploymentFailed, with the weights as they were, where these
    do not become ready.
    """
    done: list[UndoStepFact] = []
    if never_both(context.declared, state):
        with _noted(context, done, "the new release stops before the old one starts"):
            settle(context, stopped(context.declared), f"{message}: stop")
    declared = standing(context)
    missing = _stopped(context, declared, state)
    stronger = capacity_back(declared, state, missing)
    if stronger is not None:
        with _noted(context, done, "the old release gets its replicas back before its traffic"):
            settle(context, stronger, f"{message}: capacity")
            changed = [s for s in SERVICES if stronger.service(s) != declared.service(s)]
            _ready(context, state, {*changed, *missing})
    returned = traffic_back(context.declared, state)
    if returned is not None:
        with _noted(context, done, "traffic back to the old release"):
            _return(context, returned, message)
    context.traffic_back_at = context.clock.time()
    with _noted(context, done, "everything else as it was"):
        settle(context, state, message)
    return tuple(done)


def _return(context: Context, returned: DesiredState, message: str) -> None:
    """Move the traffic: at once where the load balancer has the table ready, else by the engine."""
    context.engine.care.doubt()  # it may have changed what the engine knows nothing of
    if divert(context.outputs, context.clock):
        # The state that follows says so too; until then any reader of it is told to go back.
        observing.mark(context, returned)
        return
    settle(context, returned, f"{message}: traffic")


def _stopped(context: Context, declared: DesiredState, state: DesiredState) -> set[ServiceName]:
    """Return the services that are to get back traffic for replicas which are seen not to run.

    Looked at where an update was cut short: what is on record is what was before it.
    """
    returned = traffic_back(declared, state)
    if context.settled or returned is None:
        return set()
    return {
        service
        for service in SERVICES
        if returned.service(service) != declared.service(service)
        and _health(context, state, service, seconds=LOOK_SECONDS).verdict is not Verdict.PASS
    }


def _ready(context: Context, state: DesiredState, services: Collection[ServiceName]) -> None:
    for service in services:
        result = _health(context, state, service)
        if result.verdict is not Verdict.PASS:
            release = _old(state, service)[1]
            raise DeploymentFailed(
                f"halted: {release.id} was scaled down already and does not get its replicas back, "
                f"so the traffic stays where it is: {service}: {result.reason}",
                hint="Mend what keeps the replicas from starting, then run the command again.",
            )


def _old(state: DesiredState, service: ServiceName) -> tuple[SlotName, Release]:
    slots = state.service(service)
    slot = slots.live()
    assert slot is not None, "only a service that was live gets anything back"
    return slot, state.releases[slots.slot(slot).release or ""]


def _health(
    context: Context, state: DesiredState, service: ServiceName, seconds: float | None = None
) -> GateResult:
    slot, release = _old(state, service)
    return site.health(context, release, service, slot, seconds=seconds)


@contextlib.contextmanager
def _noted(context: Context, done: list[UndoStepFact], description: str) -> Iterator[None]:
    began = context.clock.time()
    context.events.progress(description)
    try:
        yield
    except SlipwayError:
        seconds = context.clock.time() - began
        done.append(UndoStepFact(description=description, status="failed", seconds=seconds))
        raise
    seconds = context.clock.time() - began
    done.append(UndoStepFact(description=description, status="passed", seconds=seconds))
