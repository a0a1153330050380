"""Which releases stay deployed at a frontend's hosting platform, for the way back."""

from collections.abc import Iterator

from components.contract.desired import SLOTS, DesiredState

SERVED = 10
"""Releases that served and stay in the stack, besides those in slots. No setting: raised, it would
ask for deployments that are gone."""


def hosted(state: DesiredState) -> dict[str, None]:
    """Return the ids of the releases that stay: those in slots, and the newest that served."""
    # Of the history alone, whatever the slots hold: a release that was dropped for a moment would
    # be deployed once more, where its files are not there any more.
    served = dict.fromkeys(r.release for r in reversed(state.history) if r.outcome == "deployed")
    return dict.fromkeys([*_held(state), *[*served][:SERVED]])


def _held(state: DesiredState) -> Iterator[str]:
    services = [state.frontend]
    if state.rollout is not None and "frontend" in state.rollout.back_to_slots:
        services.append(state.rollout.back_to_slots["frontend"])
    for slots in services:
        yield from (each.release for name in SLOTS if (each := slots.slot(name)).release)
