"""The backend of an environment whose settings name a cluster."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pulumi

from components.backend.kubernetes_pod import Sizes, SlotPods
from components.backend.kubernetes_slots import KubernetesBackend, KubernetesBackendArgs
from components.backend.kubernetes_variables import (
    open_variables,
    secret_names,
    secret_variables,
)
from components.contract.desired import SLOTS, DesiredState, SlotName, Slots
from components.contract.release import Artifact, Release
from components.contract.settings import Settings
from components.label_values import label_value, label_values
from components.service import ServiceArgs

DIGEST = "@sha256:"
GROWTH = 3


class ReleaseHasNoImage(pulumi.RunError):
    """A release that was built for another platform is to run on Kubernetes."""


class KubernetesService(KubernetesBackend):
    """The backend as a service: reached by way of the load balancer, with the slot's header."""

    endpoints: pulumi.Output[dict[str, list[str]]]
    slot_urls: pulumi.Output[dict[str, str]]
    access: pulumi.Output[dict[str, str]]


def declare(
    name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None
) -> KubernetesService:
    """Declare the backend in the cluster of the foundation."""
    foundation, settings = args.foundation, args.foundation.settings
    placed: pulumi.Output[list[Any]] = pulumi.Output.all(args.state, args.values)
    service = KubernetesService(
        name,
        KubernetesBackendArgs(
            provider=foundation.cluster.provider,
            namespace=foundation.cluster.namespace,
            slots=args.state.apply(partial(slots, settings)),
            # Of all values, only those are taken that are no secrets.
            variables={
                slot: pulumi.Output.unsecret(placed.apply(partial(_told, slot, open_variables)))
                for slot in SLOTS
            },
            secrets={
                slot: pulumi.Output.secret(placed.apply(partial(_told, slot, secret_variables)))
                for slot in SLOTS
            },
            labels=label_values(foundation.tags()),
            sizes=_sizes(settings),
            maximum_replicas=settings.backend_maximum_replicas
            or GROWTH * settings.backend_replicas,
            cpu_target_percent=settings.backend_cpu_target_percent,
            outbound_ports=settings.backend_outbound_ports,
            pull_secret=settings.kubernetes_pull_secret,
            bundle=args.secrets.bundle,
            after=[args.discovered],
        ),
        opts,
    )
    service.endpoints = args.state.apply(partial(_endpoints, foundation.backend_domain))
    service.slot_urls = pulumi.Output.from_input({})
    service.access = pulumi.Output.from_input({})
    return service


def _endpoints(host: str, state: DesiredState) -> dict[str, list[str]]:
    return {
        slot: [f"https://{host}"] if state.backend.slot(slot).replicas else [] for slot in SLOTS
    }


def slots(settings: Settings, state: DesiredState) -> dict[SlotName, SlotPods]:
    """Return what each slot runs. Raise ReleaseHasNoImage for a release without one.

    A slot that no release was in yet has the base image without pods: nobody fetches it.
    """
    return {slot: _pods(settings, state, slot) for slot in SLOTS}


def _pods(settings: Settings, state: DesiredState, slot: SlotName) -> SlotPods:
    held, (release, artifact) = state.backend.slot(slot), _content(state, slot)
    before = state.rollout.back_to_slots.get("backend", Slots()) if state.rollout else state.backend
    if release is None or artifact is None:
        return SlotPods(image=settings.backend_base_image)
    return SlotPods(
        image=_image(release, artifact),
        replicas=held.replicas,
        # chosen users come to a slot without any weight
        serves=bool(held.weight or held.audience),
        before=before.slot(slot).replicas,
        release=label_value(release.id),
        version=label_value(release.version),
        secrets=tuple(secret_names(artifact)),
        ready_path=artifact.ready_path,
        health_path=artifact.health_path,
        drain_seconds=artifact.drain_seconds,
        start_seconds=artifact.start_seconds,
    )


def _content(state: DesiredState, slot: SlotName) -> tuple[Release | None, Artifact | None]:
    release = state.releases.get(state.backend.slot(slot).release or "")
    return release, release.backend if release else None


def _image(release: Release, artifact: Artifact) -> str:
    if artifact.image is None or DIGEST not in artifact.image:
        raise ReleaseHasNoImage(
            f"release {release.id} has no image of its backend by digest, but backendPlatform "
            f"runs images (its artifact's image is {artifact.image!r}). Set "
            "slipway:backendImageRepository and deploy again: releases of another platform stay "
            "with that platform."
        )
    return artifact.image


def _told(slot: SlotName, what: Any, known: list[Any]) -> dict[str, str]:
    state, values = known
    release, artifact = _content(state, slot)
    if release is None or artifact is None:
        return {}
    told: Mapping[str, str] = what(release, artifact, values)
    return dict(told)


def _sizes(settings: Settings) -> Sizes:
    return Sizes(
        cpu_request=settings.backend_cpu_request,
        cpu_limit=settings.backend_cpu_limit,
        memory_request=settings.backend_memory_request,
        memory_limit=settings.backend_memory_limit,
    )
