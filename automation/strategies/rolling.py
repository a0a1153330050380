"""Rolling: a few replicas at a time change from the old release to the new one."""

from collections.abc import Iterator

from automation.strategies.base import GateName, Name, Options, Step, finish, order, place, switch
from components.contract.desired import DesiredState, Slot, SlotName, Slots
from components.contract.release import Release, ServiceName


class Rolling:
    """Start some replicas, move their share of the traffic, stop as many of the old release.

    At most `surge` replicas run above the configured number, and at most `unavailable` below it,
    as a Deployment's maxSurge and maxUnavailable have it. The old release is not kept warm.
    """

    name: Name = "rolling"
    downtime = False
    summary = "replaces a few replicas at a time; the old release does not stay warm"

    def steps(self, live: DesiredState, target: Release, options: Options) -> Iterator[Step]:
        """Yield, for each service in turn, pairs of steps: more replicas, then their traffic."""
        state = live
        for name in order(target, options.back):
            for step in _service(state, name, target, options):
                yield step
                state = step.state
        yield from finish(state, target)


def _service(
    state: DesiredState, service: ServiceName, target: Release, options: Options
) -> Iterator[Step]:
    old, new = state.service(service).live(), state.service(service).idle()
    wanted, has = options.replicas[service], 0
    if old is None:
        yield from _at_once(state, service, new, target, wanted)
        return
    left = state.service(service).slot(old).replicas
    # What is live may have fewer replicas than it should: capacity cannot fall below that either.
    least = min(max(wanted - options.unavailable, 1), left)
    # Where not one replica may be missing, one more is the only way.
    surge = options.surge if least < wanted else max(options.surge, 1)
    while has < wanted or left:
        more = min(wanted, max(wanted + surge - left, 0))
        if more > has:
            has = more
            state = _placed(state, service, new, target, has)
            description = f"start {has} of {wanted} {service} replicas in {new}"
            yield Step(description, state, "health", {service: new}, "roll_out")
        stays = min(left, max(least - has, 0)) if has < wanted else 0
        if stays < left:
            left = stays
            state = _shared(state, service, new, old, has, left)
            yield _moved(state, service, new, old)


def _moved(state: DesiredState, service: ServiceName, new: SlotName, old: SlotName) -> Step:
    held = state.service(service)
    share, left = held.slot(new).weight, held.slot(old).replicas
    if not share:
        return Step(f"{left} replicas of {service} {old} stay", state, "none", {}, "roll_out")
    description = f"{share} % of {service} to {new}, {left} replicas of {old} stay"
    gate: GateName = "health" if left else "served"
    return Step(description, state, gate, {service: new}, "roll_out")


def _at_once(
    state: DesiredState, service: ServiceName, slot: SlotName, target: Release, replicas: int
) -> Iterator[Step]:
    state = place(state, service, slot, target, replicas)
    description = f"start {target.version} ({service} {slot})"
    yield Step(description, state, "health", {service: slot}, "roll_out")
    state = switch(state, service, slot)
    yield Step(f"switch {service} to {slot}", state, "served", {service: slot}, "roll_out")


def _placed(
    state: DesiredState, service: ServiceName, slot: SlotName, target: Release, replicas: int
) -> DesiredState:
    held = state.service(service)
    kept = held.slot(slot).weight if held.slot(slot).release == target.id else 0
    grown = Slot(release=target.id, replicas=replicas, weight=kept)
    return state.with_service(service, held.with_slot(slot, grown))


def _shared(
    state: DesiredState, service: ServiceName, new: SlotName, old: SlotName, has: int, left: int
) -> DesiredState:
    """Return the state with weights as replicas: none of the traffic where there is none."""
    held = state.service(service)
    percent = 100 if not left else min(99, max(1, round(100 * has / (has + left))))
    if not has:
        percent = 0
    slots = {
        new: held.slot(new).with_weight(percent) if has else held.slot(new),
        old: Slot(release=held.slot(old).release, replicas=left, weight=100 - percent),
    }
    return state.with_service(service, Slots(**slots))
