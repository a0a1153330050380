"""Rollouts of every kind: what may be live, what may come next, what an operator may choose."""

from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from automation.steps.plan import recording
from automation.strategies import STRATEGIES
from automation.strategies.base import Options, Step
from components.contract.desired import SLOTS, Audience, DesiredState, Slot, SlotName, Slots
from components.contract.release import SERVICES, Release, ServiceName
from tests.doubles.releases import release

every_strategy = pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
without_downtime = pytest.mark.parametrize(
    "strategy",
    [each for each in STRATEGIES.values() if not each.downtime],
    ids=[name for name, each in STRATEGIES.items() if not each.downtime],
)
briefly = settings(max_examples=40, deadline=None)
WARM = release("warm")
CHOSEN = Audience(kind="header", name="x-beta", value="1")
ENDLESS = 1000
SETS: tuple[tuple[ServiceName, ...], ...] = (("backend", "frontend"), ("backend",), ("frontend",))


@st.composite
def slots(draw: st.DrawFn, live: Release, service: ServiceName, warm: bool) -> Slots:
    """Slots after a deployment: the live one with all traffic, the other warm, stopped or empty."""
    if live.artifact(service) is None:
        return Slots()
    name: SlotName = draw(st.sampled_from(SLOTS))
    other: SlotName = "green" if name == "blue" else "blue"
    held = Slot(release=live.id, replicas=draw(st.integers(1, 4)), weight=100)
    idle = Slot(release=WARM.id, replicas=draw(st.integers(0, 4))) if warm else Slot()
    return Slots(**{name: held, other: idle})


@st.composite
def options(draw: st.DrawFn) -> Options:
    """Everything that an operator may choose."""
    surge = draw(st.integers(0, 3))
    shares = draw(st.sets(st.integers(1, 99), min_size=1, max_size=5))
    return Options(
        replicas={name: draw(st.integers(1, 6)) for name in SERVICES},
        canary_steps=tuple(sorted(shares)),
        hold_seconds=draw(st.sampled_from([0.0, 30.0])),
        audience=draw(st.sampled_from([None, CHOSEN])),
        surge=surge,
        unavailable=draw(st.integers(0 if surge else 1, 3)),
    )


@st.composite
def rollouts(draw: st.DrawFn) -> tuple[DesiredState, Release, Options]:
    """What is live, the target (recorded), and what the operator chose."""
    target = release("target", *draw(st.sampled_from(SETS)))
    replicas = draw(options())
    if draw(st.booleans()):
        return recording(DesiredState(), target), target, replicas
    old, warm = release("old", *draw(st.sampled_from(SETS))), draw(st.booleans())
    state = DesiredState(
        releases={old.id: old, WARM.id: WARM},
        backend=draw(slots(old, "backend", warm)),
        frontend=draw(slots(old, "frontend", warm)),
    )
    return recording(state, target), target, replicas


def taken(strategy, rollout, *, back: bool = False) -> list[Step]:
    live, target, options = rollout
    steps = strategy.steps(live, target, replace(options, back=back))
    return list(islice(steps, ENDLESS))


def capacity(state: DesiredState, service: ServiceName) -> int:
    """The replicas of a service that bear traffic."""
    held = state.service(service)
    return sum(slot.replicas for slot in (held.blue, held.green) if slot.weight)
