"""Strategies are arithmetic: they yield desired states and gates, and never sleep or print."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from components.contract.desired import DesiredState, Slot, SlotName
from components.contract.release import SERVICES, Release, ServiceName

GateName = Literal["none", "health", "served"]


@dataclass(frozen=True)
class Step:
    """A desired state to make real, and the gate that decides whether to take the next step.

    `gate` looks at the `slots` named; `phase` tells the flow where the step belongs.
    """

    description: str
    state: DesiredState
    gate: GateName
    slots: Mapping[ServiceName, SlotName]
    phase: Literal["provision", "roll_out"]


class Strategy(Protocol):
    """A way from the live state to a target release."""

    name: str
    downtime: bool
    summary: str

    def steps(
        self, live: DesiredState, target: Release, replicas: Mapping[ServiceName, int], back: bool
    ) -> Iterator[Step]:
        """Yield the steps, backend first; with `back` the frontend goes first.

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
