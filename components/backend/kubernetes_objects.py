"""What stands around the pods of the backend, as Kubernetes takes it. Pure."""

from collections.abc import Sequence
from typing import Any

from components.backend.kubernetes_pod import MARGIN_SECONDS, SlotPods
from components.backend.kubernetes_variables import PORT
from components.contract.desired import SlotName

Spec = dict[str, Any]
NAME = "backend"
COMPONENT = "app.kubernetes.io/component"
SLOT = "slipway/slot"
HISTORY = 2
SETTLING_SECONDS = 5
UNAVAILABLE = "25%"
DNS = 53


def slot_name(slot: SlotName) -> str:
    """Return how what belongs to a slot is called in the namespace."""
    return f"{NAME}-{slot}"


def selector(slot: SlotName) -> dict[str, str]:
    """Return the labels that make a pod one of the slot's; they never change."""
    return {COMPONENT: NAME, SLOT: slot}


def deployment(slot: SlotName) -> Spec:
    """Return what is the same for each Deployment of a slot: never fewer pods than declared."""
    return {
        "minReadySeconds": SETTLING_SECONDS,
        "revisionHistoryLimit": HISTORY,
        "selector": {"matchLabels": selector(slot)},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"},
        },
    }


def deadline(pods: SlotPods) -> int:
    """Return the seconds after which a slot that does not become ready has failed.

    Twice its own start: an image has to be fetched, and a node may have to be made.
    """
    return 2 * pods.start_seconds + 120 + SETTLING_SECONDS + MARGIN_SECONDS


def replicas(pods: SlotPods, desired: int, *, maximum: int) -> int:
    """Return how many pods a slot is to have: as declared, or as many more as its autoscaler wants.

    `desired` is what that wants, 0 where it has not said. It counts beyond what the slot was given
    before the rollout under way: one that takes pods away leaves an autoscaler behind at that.
    """
    scaled = pods.serves and pods.replicas > 0 and desired > max(pods.replicas, pods.before)
    return max(pods.replicas, min(desired, maximum)) if scaled else pods.replicas


def autoscaler(slot: SlotName, pods: SlotPods, *, maximum: int, cpu_percent: int) -> Spec:
    """Return the specification of a slot's autoscaler: from its declared count up.

    A slot without traffic is held at that count, one without pods is left alone by Kubernetes.
    """
    least = max(pods.replicas, 1)
    target = {"type": "Utilization", "averageUtilization": cpu_percent}
    return {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": slot_name(slot),
        },
        "minReplicas": least,
        "maxReplicas": max(maximum, least) if pods.serves else least,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        "behavior": {
            "scaleUp": {"stabilizationWindowSeconds": 0},
            "scaleDown": {"stabilizationWindowSeconds": 300},
        },
    }


def disruption_budget(slot: SlotName) -> Spec:
    """Return the specification of a slot's budget: nodes are drained, and pods that do not work
    stand in nobody's way."""
    return {
        "maxUnavailable": UNAVAILABLE,
        "selector": {"matchLabels": selector(slot)},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def network_policy(outbound: Sequence[int]) -> Spec:
    """Return the specification of the network policy: in by HTTP, out to names and `outbound`."""
    names = [{"protocol": protocol, "port": DNS} for protocol in ("UDP", "TCP")]
    others = [{"protocol": "TCP", "port": port} for port in outbound]
    return {
        "podSelector": {"matchLabels": {COMPONENT: NAME}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": PORT}]}],
        "egress": [{"ports": names}, *([{"ports": others}] if others else [])],
    }
