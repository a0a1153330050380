"""Strategies are arithmetic: they yield desired states and gates, and never sleep or print."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from components.contract import settings
from components.contract.desired import Audience, DesiredState, Slot, SlotName
from components.contract.release import SERVICES, Release, ServiceName

GateName = Literal["none", "health", "served", "traffic"]
Name = settings.Strategy
Phase = Literal["provision", "roll_out"]


@dataclass(frozen=True)
class Step:
    """A desired state to make real, and the gate that decides whether to take the next step.

    `gate` looks at the `slots` named; a `traffic` gate watches them for `hold_seconds` at least,
    beside the `old` ones. `phase` tells the flow where the step belongs. Once the gate has passed,
    flows of the smoke test that need no other services than those of `flows` are run against the
    target's slots, before the last of these services gets any traffic.
    """

    description: str
    state: DesiredState
    gate: GateName
    slots: Mapping[ServiceName, SlotName]
    phase: Phase
    hold_seconds: float = 0.0
    old: Mapping[ServiceName, SlotName] = field(default_factory=dict)
    flows: Mapping[ServiceName, SlotName] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What an operator may choose. `replicas` are those of each service; `back` is the way back.

    `canary_steps` are percent of the traffic, rising; `surge` and `unavailable` are replicas
    above and below the configured number while one release replaces the other. `whole` are the
    services whose platform gives a slot all of the traffic or none.
    """

    replicas: Mapping[ServiceName, int]
    back: bool = False
    canary_steps: tuple[int, ...] = (5, 25, 50)
    hold_seconds: float = 0.0
    audience: Audience | None = None
    surge: int = 1
    unavailable: int = 0
    whole: frozenset[ServiceName] = frozenset()


class Strategy(Protocol):
    """A way from the live state to a target release."""

    name: Name
    downtime: bool
    summary: str

    def steps(self, live: DesiredState, target: Release, options: Options) -> Iterator[Step]:
        """Yield the steps, backend first; on the way back the frontend goes first.

        `live` must record the target in its releases. The last state serves the target alone.
        """


def order(target: Release, back: bool) -> list[ServiceName]:
    """Return the target's services in the order in which they change over."""
    services = [name for name in SERVICES if target.artifact(name) is not None]
    return services[::-1] if back else services


def without_services(live: DesiredState, target: Release) -> DesiredState:
    """Return the state with the services that the target no longer has switched off."""
    state = live
    for name in SERVICES:
        if target.artifact(name) is None:
            state = state.with_service(name, type(live.service(name))())
    return state


def place(
    state: DesiredState, service: ServiceName, slot: SlotName, release: Release, replicas: int
) -> DesiredState:
    """Return the state with a release in a slot, ready but without traffic."""
    held = Slot(release=release.id, replicas=replicas, weight=0)
    return state.with_service(service, state.service(service).with_slot(slot, held))


def switch(state: DesiredState, service: ServiceName, slot: SlotName) -> DesiredState:
    """Return the state with all of a service's traffic on one slot."""
    return state.with_service(service, state.service(service).with_weights(**{slot: 100}))


def start_beside(
    live: DesiredState, target: Release, options: Options
) -> tuple[Step, Mapping[ServiceName, SlotName]]:
    """Return the step that starts the target in the idle slots, and these slots."""
    services = order(target, options.back)
    slots = {name: live.service(name).idle() for name in services}
    state = live
    for name in services:
        state = place(state, name, slots[name], target, options.replicas[name])
    where = ", ".join(f"{name} {slots[name]}" for name in services)
    description = f"start {target.version} in the idle slots ({where})"
    flows = {} if options.back else dict(list(slots.items())[:1])
    return Step(description, state, "health", slots, "provision", flows=flows), slots


def switched(
    state: DesiredState, service: ServiceName, slots: Mapping[ServiceName, SlotName], back: bool
) -> Step:
    """Return the step that gives a service's slot all traffic."""
    slot = slots[service]
    # What changes over next is looked at beside what has changed over already.
    upto = list(slots).index(service) + 2
    flows = {} if back or upto > len(slots) else dict(list(slots.items())[:upto])
    description = f"switch {service} to {slot}"
    after = switch(state, service, slot)
    return Step(description, after, "served", {service: slot}, "roll_out", flows=flows)


def finish(state: DesiredState, target: Release) -> Iterator[Step]:
    """Yield what removes services which the target no longer has: their traffic goes first."""
    unserved = state
    for name in SERVICES:
        if target.artifact(name) is None and state.service(name).live() is not None:
            unserved = unserved.with_service(name, state.service(name).with_weights())
    if unserved != state:
        yield Step("no traffic for services that are gone", unserved, "none", {}, "roll_out")
    finished = without_services(unserved, target)
    if finished != unserved:
        yield Step("remove services that are gone", finished, "none", {}, "roll_out")
