"""The Services of the backend's slots: what load balancers find its pods by."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as kubernetes

from components.backend.kubernetes_objects import COMPONENT, NAME, selector, slot_name
from components.backend.kubernetes_pod import PORT_NAME
from components.contract.desired import SLOTS, SlotName

SERVICE_PORT = 80


def slot_services(
    name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> dict[SlotName, kubernetes.core.v1.Service]:
    """Declare `backend-blue` and `backend-green`, each with the pods of its slot.

    `opts` have the provider of the cluster. Both are always there, also without a pod.
    """
    return {
        slot: kubernetes.core.v1.Service(
            f"{name}-service-{slot}",
            metadata={
                "name": slot_name(slot),
                "namespace": namespace,
                "labels": {**labels, COMPONENT: NAME},
                # An idle slot has no pods, and nobody waits for them.
                "annotations": {"pulumi.com/skipAwait": "true"},
            },
            spec={
                "type": "ClusterIP",
                "selector": selector(slot),
                "ports": [
                    {
                        "name": PORT_NAME,
                        "port": SERVICE_PORT,
                        "targetPort": PORT_NAME,
                        "protocol": "TCP",
                    }
                ],
            },
            opts=opts,
        )
        for slot in SLOTS
    }
