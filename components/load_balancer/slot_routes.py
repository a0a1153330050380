"""Read from a state what the load balancer must know of every slot. Pure."""

from components.contract.desired import SLOTS, DesiredState
from components.contract.release import SERVICES
from components.host import replica_port
from components.load_balancer.envoy.slots import SlotRoute


def slot_routes(state: DesiredState, ports: dict[str, int]) -> list[SlotRoute]:
    """Return what the load balancer must know of every slot that a service of some release has."""
    table: list[SlotRoute] = []
    for service in SERVICES:
        known = [r.artifact(service) for r in state.releases.values() if r.artifact(service)]
        prefixes = sorted({prefix for each in known if each for prefix in each.assets})
        for slot in SLOTS:
            held = state.service(service).slot(slot)
            release = state.releases.get(held.release or "")
            artifact = (release.artifact(service) if release else None) or (known or [None])[-1]
            if artifact is None:
                continue
            names = [replica_port(service, slot, index) for index in range(held.replicas)]
            table.append(
                {
                    "service": service,
                    "slot": slot,
                    "release": held.release,
                    "weight": held.weight,
                    "audience": held.audience,
                    "ports": [ports[name] for name in names],
                    "route": artifact.route,
                    "strip": artifact.strip_route,
                    "ready": artifact.ready_path or artifact.health_path,
                    "assets": prefixes,
                    "asset_port": ports["assets"] if service == "frontend" else None,
                }
            )
    return table
