"""The way back to an older state: capacity first, then traffic, then everything else."""

import contextlib
from collections.abc import Iterator

from automation import observing, site
from automation.context import Context
from automation.declare import settle
from automation.errors import DeploymentFailed, SlipwayError
from automation.gates.base import Verdict
from automation.reports.course import UndoStepFact
from automation.strategies import STRATEGIES
from automation.strategies.recreate import stopped
from automation.traffic import divert
from components.contract.desired import SLOTS, DesiredState, Slot, Slots
from components.contract.release import SERVICES


def retreat(context: Context, state: DesiredState, message: str) -> tuple[UndoStepFact, ...]:
    """Make an older state real and return what was done, in order.

    Nothing is removed that has traffic, and nothing is given traffic that has too few replicas:
    an old release that was scaled down gets its replicas back before anything else. Raise
    DeploymentFailed, with the weights as they were, where these do not become ready.
    """
    done: list[UndoStepFact] = []
    if _never_both(context.declared, state):
        with _noted(context, done, "the new release stops before the old one starts"):
            settle(context, stopped(context.declared), f"{message}: stop")
    stronger = capacity_back(context.declared, state)
    if stronger is not None:
        with _noted(context, done, "the old release gets its replicas back before its traffic"):
            settle(context, stronger, f"{message}: capacity")
            _ready(context, stronger, state)
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
    if divert(context.outputs, context.clock):
        # The state that follows says so too; until then any reader of it is told to go back.
        observing.mark(context, returned)
        return
    settle(context, returned, f"{message}: traffic")


def _ready(context: Context, stronger: DesiredState, state: DesiredState) -> None:
    for service in SERVICES:
        slot = state.service(service).live()
        if slot is None or stronger.service(service) == state.service(service):
            continue
        release = state.releases[state.service(service).slot(slot).release or ""]
        result = site.health(context, release, service, slot)
        if result.verdict is not Verdict.PASS:
            raise DeploymentFailed(
                f"halted: {release.id} was scaled down already and does not get its replicas back, "
                f"so the traffic stays where it is: {service}: {result.reason}",
                hint="Mend what keeps the replicas from starting, then run the command again.",
            )


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


def capacity_back(declared: DesiredState, state: DesiredState) -> DesiredState | None:
    """Return what is declared with the replicas of another state's live slots, weights untouched.

    None where they have them, and where the rollout was one with downtime: then the two releases
    are not to run at once.
    """
    rollout = declared.rollout
    if rollout is not None and STRATEGIES[rollout.strategy].downtime:
        return None
    changed = declared
    for service in SERVICES:
        has, slot = declared.service(service), state.service(service).live()
        if slot is None or has.live() is None:
            continue
        wants, held = state.service(service).slot(slot), has.slot(slot)
        if held.release == wants.release and held.replicas < wants.replicas:
            full = Slot(release=held.release, replicas=wants.replicas, weight=held.weight)
            changed = changed.with_service(service, has.with_slot(slot, full))
    return None if changed is declared else changed


def _never_both(declared: DesiredState, state: DesiredState) -> bool:
    """Tell whether the old release is stopped and must not start beside what runs instead."""
    rollout = declared.rollout
    if rollout is None or not STRATEGIES[rollout.strategy].downtime:
        return False
    return stopped(declared) != declared and any(
        declared.service(name).slot(slot).replicas < state.service(name).slot(slot).replicas
        for name in SERVICES
        if (slot := state.service(name).live()) is not None
    )


def traffic_back(declared: DesiredState, state: DesiredState) -> DesiredState | None:
    """Return what is declared with the weights of another state; None where they are the same.

    What serves in that state is in place, what else is declared stays, without traffic.
    """
    changed = declared
    for service in SERVICES:
        has, wants = declared.service(service), state.service(service)
        if wants.live() is None or has.live() is None or _same_traffic(has, wants):
            continue
        slots = {
            name: wants.slot(name) if wants.slot(name).weight else _without_traffic(has.slot(name))
            for name in SLOTS
        }
        changed = changed.with_service(service, Slots(**slots))
    return None if changed is declared else changed


def _same_traffic(has: Slots, wants: Slots) -> bool:
    return all(
        has.slot(name).weight == wants.slot(name).weight and has.slot(name).audience is None
        for name in SLOTS
    )


def _without_traffic(slot: Slot) -> Slot:
    return Slot(release=slot.release, replicas=slot.replicas) if slot.release else slot
