"""The state of going back at once, while a rollout is under way. Pure."""

from components.contract.desired import SLOTS, DesiredState, Slot, Slots


def way_back(state: DesiredState) -> DesiredState | None:
    """Return the declared slots with the weights and audiences from before the rollout.

    Nothing is started or stopped on the way there. None where that is not possible: there is no
    rollout, nothing was live before it, or what was has left its slot or has no replicas.
    """
    before = state.rollout.back_to_slots if state.rollout else {}
    if not any(slots.live() for slots in before.values()):
        return None
    returned = state
    for service, then in before.items():
        slots = _returned(state.service(service), then)
        if slots is None:
            return None
        returned = returned.with_service(service, slots)
    return returned


def _returned(now: Slots, then: Slots) -> Slots | None:
    slots: dict[str, Slot] = {}
    for name in SLOTS:
        held, earlier = now.slot(name), then.slot(name)
        same = held.release == earlier.release
        if earlier.weight and not (same and held.replicas):
            return None
        audience = earlier.audience if same else None
        slots[name] = Slot(**{**dict(held), "weight": earlier.weight, "audience": audience})
    return Slots(**slots)
