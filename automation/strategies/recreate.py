"""Recreate: stop the old release, then start the new one. Simple, and with downtime."""

from collections.abc import Iterator

from automation.strategies.base import Name, Options, Step, order, place, switch, without_services
from components.contract.desired import DesiredState, Slot
from components.contract.release import SERVICES, Release


class Recreate:
    """Stop all replicas, start the new ones in the other slot, then give them the traffic."""

    name: Name = "recreate"
    downtime = True
    summary = (
        "stops the old release before the new one starts: there is downtime, and it is measured"
    )

    def steps(self, live: DesiredState, target: Release, options: Options) -> Iterator[Step]:
        """Yield the stop where something runs, the start, and the switches in one step."""
        services = order(target, options.back)
        slots = {name: live.service(name).idle() for name in services}
        state = stopped(live)
        if state != live:
            yield Step("stop the old release", state, "none", {}, "roll_out")
        for name in services:
            state = place(state, name, slots[name], target, options.replicas[name])
        yield Step(f"start {target.version}", state, "health", slots, "roll_out")
        for name in services:
            state = switch(state, name, slots[name])
        state = without_services(state, target)
        yield Step(f"give {target.version} all traffic", state, "served", slots, "roll_out")


def stopped(live: DesiredState) -> DesiredState:
    """Return the state with no replicas; weights stay, so that they still add up to 100."""
    state = live
    for name in SERVICES:
        for slot in ("blue", "green"):
            held = state.service(name).slot(slot)
            if held.replicas:
                empty = Slot(release=held.release, replicas=0, weight=held.weight)
                state = state.with_service(name, state.service(name).with_slot(slot, empty))
    return state
