"""The pods of one slot, as Kubernetes takes them. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.backend.kubernetes_variables import PORT

Spec = dict[str, Any]
CONTAINER, PORT_NAME = "backend", "http"
USER = 10001
"""Runs whatever the image says: nobody in particular, and not root."""
PROPAGATION_SECONDS = 15
"""How long load balancers may go on sending requests to a pod that is told to end."""
MARGIN_SECONDS = 5
STARTUP_PERIOD_SECONDS = 2
TEMPORARY = "256Mi"
ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a replica is promised and what it may take, as Kubernetes writes quantities; an empty
    one is not said."""

    cpu_request: str = "100m"
    cpu_limit: str = ""
    memory_request: str = "256Mi"
    memory_limit: str = "512Mi"

    def resources(self) -> Spec:
        """Return them as a container's resources."""
        given = {
            "requests": {"cpu": self.cpu_request, "memory": self.memory_request},
            "limits": {"cpu": self.cpu_limit, "memory": self.memory_limit},
        }
        return {kind: {k: v for k, v in each.items() if v} for kind, each in given.items()}


@dataclass(frozen=True, kw_only=True)
class SlotPods:
    """What the pods of one slot run. `release` and `version` name it, as labels may carry them.

    `serves` tells whether it gets any traffic, `before` is how many pods it had been given when the
    rollout under way began. `secrets` are the names of the variables that hold one. `ready_path`
    and `health_path` are asked by HTTP; where there is none, a connection is enough.
    """

    image: str
    replicas: int = 0
    serves: bool = False
    before: int = 0
    release: str = "none"
    version: str = ""
    secrets: tuple[str, ...] = ()
    ready_path: str | None = None
    health_path: str | None = None
    drain_seconds: int = 20
    start_seconds: int = 60


def pod(
    pods: SlotPods,
    sizes: Sizes,
    selector: Mapping[str, str],
    *,
    account: str,
    variables: Mapping[str, str],
    secret: str,
    volume: Spec | None,
) -> Spec:
    """Return the specification of a pod that may do nothing but answer.

    `variables` are open, `secret` is the Secret with the others. `volume` has a store put them
    there; where it is None they are there already.
    """
    volumes, mounts = _volumes(volume)
    container = {
        **_container(pods, sizes),
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "envFrom": [{"secretRef": {"name": secret}}] if pods.secrets else [],
        "volumeMounts": mounts,
    }
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": PROPAGATION_SECONDS + pods.drain_seconds + MARGIN_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [_spread(key, selector) for key in (ZONE, HOST)],
        "containers": [container],
        "volumes": volumes,
    }


def _volumes(volume: Spec | None) -> tuple[list[Spec], list[Spec]]:
    """Return the volumes of a pod and where its container finds them."""
    volumes: list[Spec] = [{"name": "tmp", "emptyDir": {"sizeLimit": TEMPORARY}}]
    mounts: list[Spec] = [{"name": "tmp", "mountPath": "/tmp"}]
    if volume is not None:
        volumes.append(volume)
        mounts.append(
            {"name": volume["name"], "mountPath": "/run/secrets/slipway", "readOnly": True}
        )
    return volumes, mounts


def _spread(key: str, selector: Mapping[str, str]) -> Spec:
    # Among those of the same release: of a rolling update, the new pods are spread too.
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(selector)},
        "matchLabelKeys": ["pod-template-hash"],
    }


def _container(pods: SlotPods, sizes: Sizes) -> Spec:
    return {
        "name": CONTAINER,
        "image": pods.image,
        # of an image by digest there is only one content
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": PORT_NAME, "containerPort": PORT, "protocol": "TCP"}],
        "resources": sizes.resources(),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "lifecycle": {"preStop": {"sleep": {"seconds": PROPAGATION_SECONDS}}},
        **_probes(pods),
    }


def _probes(pods: SlotPods) -> Spec:
    """Return the probes: while it starts, whether it may get requests, whether it has to go.

    A replica is ended for its health alone: one that waits for the database is not ready, and
    would not become so by another start.
    """
    ready = _asked(pods.ready_path or pods.health_path)
    patience = math.ceil(pods.start_seconds / STARTUP_PERIOD_SECONDS)
    return {
        "startupProbe": {
            **_asked(pods.health_path or pods.ready_path),
            "periodSeconds": STARTUP_PERIOD_SECONDS,
            "timeoutSeconds": 2,
            "failureThreshold": max(patience, 1),
        },
        "readinessProbe": {**ready, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 2},
        "livenessProbe": {
            **_asked(pods.health_path),
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
    }


def _asked(path: str | None) -> Spec:
    if path is None:
        return {"tcpSocket": {"port": PORT_NAME}}
    return {"httpGet": {"path": path, "port": PORT_NAME, "scheme": "HTTP"}}
