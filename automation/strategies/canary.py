"""Canary: a small share of the traffic first, more as long as the gate lets it."""

from collections.abc import Iterator, Mapping

from automation.strategies.base import Name, Options, Step, finish, start_beside, switched
from components.contract.desired import DesiredState, SlotName
from components.contract.release import Release, ServiceName


class Canary:
    """Start beside the old release, take its traffic share by share, each watched for a while.

    The backend is through all its shares before the frontend begins: a new frontend never meets
    an old backend.
    """

    name: Name = "canary"
    downtime = False
    summary = "takes a few percent of the traffic first, and more while it does as well as the old"

    def steps(self, live: DesiredState, target: Release, options: Options) -> Iterator[Step]:
        """Yield the start, the chosen users where there are any, and the shares of each service.

        A service that nothing serves yet is given all its traffic at once, and so is one whose
        platform knows no shares.
        """
        step, slots = start_beside(live, target, options)
        yield step
        split = {name: slot for name, slot in slots.items() if name not in options.whole}
        if options.audience is not None and split and live.live_release() is not None:
            step = _chosen(step, split, live, options)
            yield step
        for name, slot in slots.items():
            old = live.service(name).live()
            if old is not None and name not in options.whole:
                for percent in options.canary_steps:
                    step = _share(step.state, name, slot, old, percent, options)
                    yield step
            state = _for_everybody(step.state, name, slot)
            step = switched(state, name, slots, options.back)
            yield step
        yield from finish(step.state, target)


def _share(
    state: DesiredState,
    service: ServiceName,
    slot: SlotName,
    old: SlotName,
    percent: int,
    options: Options,
) -> Step:
    weights = {slot: percent, old: 100 - percent}
    return Step(
        f"{percent} % of {service} to {slot}",
        state.with_service(service, state.service(service).with_weights(**weights)),
        "traffic",
        {service: slot},
        "roll_out",
        options.hold_seconds,
        {service: old},
    )


def _chosen(
    step: Step, slots: Mapping[ServiceName, SlotName], live: DesiredState, options: Options
) -> Step:
    assert options.audience is not None
    state = step.state
    old: dict[ServiceName, SlotName] = {}
    for name, slot in slots.items():
        held = state.service(name)
        chosen = held.slot(slot).model_copy(update={"audience": options.audience})
        state = state.with_service(name, held.with_slot(slot, chosen))
        if (serving := live.service(name).live()) is not None:
            old[name] = serving
    who = f"{options.audience.kind} {options.audience.name}={options.audience.value}"
    description = f"chosen users first ({who})"
    return Step(description, state, "traffic", slots, "roll_out", options.hold_seconds, old)


def _for_everybody(state: DesiredState, service: ServiceName, slot: SlotName) -> DesiredState:
    held = state.service(service)
    everybody = held.slot(slot).model_copy(update={"audience": None})
    return state.with_service(service, held.with_slot(slot, everybody))
