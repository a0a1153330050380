"""Rolling: a few replicas at a time change from the old release to the new one."""

from collections.abc import Iterator

from automation.strategies.base import GateName, Name, Options, Step, finish, order, place, switch
from components.contract.desired import DesiredState, Slot, SlotName
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
        """Yield, for each service in turn: more replicas, their traffic, fewer of the old ones.

        Each is a step of its own. So the weights that are on record hold whatever became of a
        step that was cut short, but for one that changes nothing else.
        """
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
    if old is None or service in options.whole:
        yield from _at_once(state, service, new, target, wanted)
        if old is not None:
            switched = switch(place(state, service, new, target, wanted), service, new)
            stopped = _scaled_down(switched, service, old, 0)
            yield Step(f"stop {service} {old}", stopped, "none", {}, "roll_out")
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
            moved = _shared(state, service, new, old, has, stays)
            if moved != state:
                yield _moved(moved, service, new, stays)
            left, state = stays, _scaled_down(moved, service, old, stays)
            description = f"{left} replicas of {service} {old} stay"
            yield Step(description, state, "none", {}, "roll_out")


def _moved(state: DesiredState, service: ServiceName, new: SlotName, stays: int) -> Step:
    description = f"{state.service(service).slot(new).weight} % of {service} to {new}"
    gate: GateName = "health" if stays else "served"
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
    state: DesiredState, service: ServiceName, new: SlotName, old: SlotName, has: int, stays: int
) -> DesiredState:
    """Return the state with weights as replicas: none of the traffic where there is none."""
    if not has:
        return state
    percent = 100 if not stays else min(99, max(1, round(100 * has / (has + stays))))
    weights = {new: percent, old: 100 - percent}
    return state.with_service(service, state.service(service).with_weights(**weights))


def _scaled_down(
    state: DesiredState, service: ServiceName, old: SlotName, stays: int
) -> DesiredState:
    held = state.service(service)
    fewer = Slot(**{**dict(held.slot(old)), "replicas": stays})
    return state.with_service(service, held.with_slot(old, fewer))
