"""Blue-green: the new release beside the old one, then all traffic at once."""

from collections.abc import Iterator, Mapping

from automation.strategies.base import Step, order, place, switch, without_services
from components.contract.desired import DesiredState
from components.contract.release import Release, ServiceName


class BlueGreen:
    """Start the new release in the idle slot, look at it there, switch, keep the old one warm."""

    name = "blue_green"
    downtime = False
    summary = "starts beside the old release and takes all traffic at once; the old one stays warm"

    def steps(
        self, live: DesiredState, target: Release, replicas: Mapping[ServiceName, int], back: bool
    ) -> Iterator[Step]:
        """Yield one step that starts the idle slots, then one switch per service."""
        services = order(target, back)
        slots = {name: live.service(name).idle() for name in services}
        state = live
        for name in services:
            state = place(state, name, slots[name], target, replicas[name])
        where = ", ".join(f"{name} {slots[name]}" for name in services)
        description = f"start {target.version} in the idle slots ({where})"
        yield Step(description, state, "health", slots, "provision")
        for name in services:
            state = switch(state, name, slots[name])
            description = f"switch {name} to {slots[name]}"
            yield Step(description, state, "served", {name: slots[name]}, "roll_out")
        finished = without_services(state, target)
        if finished != state:
            yield Step("remove services that are gone", finished, "none", {}, "roll_out")
