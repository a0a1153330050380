"""Blue-green: the new release beside the old one, then all traffic at once."""

from collections.abc import Iterator

from automation.strategies.base import Name, Options, Step, finish, start_beside, switched
from components.contract.desired import DesiredState
from components.contract.release import Release


class BlueGreen:
    """Start the new release in the idle slot, look at it there, switch, keep the old one warm."""

    name: Name = "blue_green"
    downtime = False
    summary = "starts beside the old release and takes all traffic at once; the old one stays warm"

    def steps(self, live: DesiredState, target: Release, options: Options) -> Iterator[Step]:
        """Yield one step that starts the idle slots, then one switch per service."""
        step, slots = start_beside(live, target, options)
        yield step
        for name in slots:
            step = switched(step.state, name, slots, options.back)
            yield step
        yield from finish(step.state, target)
