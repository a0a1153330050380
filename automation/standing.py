"""What is to be declared again so that nothing changes for anybody."""

from automation.context import Context
from automation.homeward import traffic_back
from automation.traffic import diverted
from components.contract.desired import DesiredState
from components.contract.release import SERVICES


def standing(context: Context) -> DesiredState:
    """Return what is declared, with the traffic where it is.

    That is elsewhere than the state says where a driver died after it had given the traffic back
    at once: to declare the weights again would give it to the release that had failed.
    """
    state = context.declared
    if state.rollout is None or not diverted(context.outputs):
        return state
    slots = state.rollout.back_to_slots
    before = state.model_copy(update={name: slots[name] for name in SERVICES if name in slots})
    return traffic_back(state, before) or state
