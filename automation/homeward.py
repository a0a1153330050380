"""The states between a rollout under way and the state before it: capacity, then traffic. Pure."""

from collections.abc import Collection

from automation.strategies import STRATEGIES
from automation.strategies.recreate import stopped as without_replicas
from components.contract.desired import SLOTS, DesiredState, Slot, Slots
from components.contract.release import SERVICES, ServiceName


def capacity_back(
    declared: DesiredState, state: DesiredState, stopped: Collection[ServiceName] = ()
) -> DesiredState | None:
    """Return what is declared with the replicas of another state's live slots, weights untouched.

    What does not run gets no traffic either. None where all of them are declared, and run: those
    of the services `stopped` do not, whatever is declared. None as well where the rollout was one
    with downtime: then the two releases are not to run at once.
    """
    rollout = declared.rollout
    if rollout is not None and STRATEGIES[rollout.strategy].downtime:
        return None
    changed = declared
    for service in SERVICES:
        slot = state.service(service).live()
        if slot is None:
            continue
        has, wants = declared.service(service), state.service(service).slot(slot)
        held = has.slot(slot)
        if held.release != wants.release and held.weight:
            continue  # cannot be replaced before it has lost its traffic
        if held.release != wants.release or held.replicas < wants.replicas:
            full = Slot(release=wants.release, replicas=wants.replicas, weight=held.weight)
            changed = changed.with_service(service, has.with_slot(slot, full))
    return None if changed is declared and not stopped else changed


def never_both(declared: DesiredState, state: DesiredState) -> bool:
    """Tell whether the old release is stopped and must not start beside what runs instead."""
    rollout = declared.rollout
    if rollout is None or not STRATEGIES[rollout.strategy].downtime:
        return False
    return without_replicas(declared) != declared and any(
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
        if wants.live() is None or _same_traffic(has, wants):
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
