"""What the controllers of a healthy cluster would have written into an object."""

from collections.abc import Callable, Mapping
from typing import Any

Status = Callable[[Mapping[str, Any], int], dict[str, Any]]


def status(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return what to add to an object; `seed` stays the same for as long as it exists."""
    found = STATUS.get(str(made.get("kind")))
    return found(made, seed) if found else {}


def _ready(*kinds: str) -> list[dict[str, Any]]:
    return [{"type": kind, "status": "True", "reason": kind} for kind in kinds]


def _deployment(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    count = made["spec"].get("replicas")
    count = 1 if count is None else count
    numbers = dict.fromkeys(
        ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas"), count
    )
    return {
        "status": {
            **numbers,
            "observedGeneration": made["metadata"]["generation"],
            "conditions": _ready("Available", "Progressing"),
        }
    }


def _service(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    spec = made["spec"]
    address = f"172.20.{seed % 250}.{seed // 250 % 250 + 1}"
    added: dict[str, Any] = {}
    if spec.get("type") != "ExternalName" and "clusterIP" not in spec:
        added = {"spec": {"clusterIP": address, "clusterIPs": [address]}}
    balanced = spec.get("type") == "LoadBalancer"
    host = f"k8s-{seed % 16**8:08x}.elb.amazonaws.com"
    return {
        **added,
        "status": {"loadBalancer": {"ingress": [{"hostname": host}]} if balanced else {}},
    }


def _ingress(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    host = f"k8s-{made['metadata']['name'][:16]}-{seed % 16**8:08x}.elb.amazonaws.com"
    return {"status": {"loadBalancer": {"ingress": [{"hostname": host}]}}}


def _gateway(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    host = f"gw-{made['metadata']['name'][:16]}-{seed % 16**8:08x}.elb.amazonaws.com"
    addresses = [{"type": "Hostname", "value": host}]
    return {"status": {"addresses": addresses, "conditions": _ready("Accepted", "Programmed")}}


def _route(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    parents = [
        {"parentRef": each, "conditions": _ready("Accepted", "ResolvedRefs")}
        for each in made["spec"].get("parentRefs", ())
    ]
    return {"status": {"parents": parents}}


def _autoscaler(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    # it has looked at nothing yet
    return {"status": {"currentReplicas": 0, "desiredReplicas": 0}}


def _budget(made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {"status": {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1}}


def _phase(phase: str) -> Status:
    return lambda made, seed: {"status": {"phase": phase}}


def _conditions(*kinds: str) -> Status:
    return lambda made, seed: {"status": {"conditions": _ready(*kinds)}}


STATUS: Mapping[str, Status] = {
    "Deployment": _deployment,
    "StatefulSet": _deployment,
    "Service": _service,
    "Ingress": _ingress,
    "Gateway": _gateway,
    "HTTPRoute": _route,
    "GRPCRoute": _route,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "Namespace": _phase("Active"),
    "PersistentVolumeClaim": _phase("Bound"),
    "Certificate": _conditions("Ready"),
    "Issuer": _conditions("Ready"),
    "ClusterIssuer": _conditions("Ready"),
    "ExternalSecret": _conditions("Ready"),
    "SecretStore": _conditions("Ready"),
    "Job": _conditions("Complete"),
    "CustomResourceDefinition": _conditions("Established"),
}
