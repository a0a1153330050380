"""The backend on Kubernetes: two slots in one namespace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pulumi
import pulumi_kubernetes as kubernetes

from components.backend import kubernetes_objects as objects
from components.backend.kubernetes_pod import Sizes, SlotPods, pod
from components.backend.kubernetes_secrets import Bundle, SecretSource, secret_source
from components.contract.desired import SLOTS, SlotName

BY_RELEASE = "slipway/release"
VERSION = "app.kubernetes.io/version"
WAIT_SECONDS = 30
"""The engine waits so much longer than Kubernetes itself, to hear of its verdict."""


def _keep_nothing(*_: Any) -> None:
    """Leave secrets to the namespace."""


@dataclass(frozen=True, kw_only=True)
class KubernetesBackendArgs:
    """`slots` says what each slot runs, `variables` and `secrets` what its pods are told; the
    latter are secret. `labels` are on everything. Autoscaling goes from a slot's own count to
    `maximum_replicas`. `bundle` keeps secrets in a store, where there is one. `after` is made
    before a pod starts.
    """

    provider: pulumi.ProviderResource
    namespace: pulumi.Input[str]
    slots: pulumi.Output[Mapping[SlotName, SlotPods]]
    variables: Mapping[SlotName, pulumi.Output[dict[str, str]]]
    secrets: Mapping[SlotName, pulumi.Output[dict[str, str]]]
    labels: Mapping[str, str] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    maximum_replicas: int = 6
    cpu_target_percent: int = 70
    outbound_ports: Sequence[int] = (443, 5432)
    pull_secret: str = ""
    bundle: Bundle = _keep_nothing
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        if self.maximum_replicas < 1:
            raise ValueError(f"maximum_replicas: expected 1 or more, got {self.maximum_replicas}")
        if {*self.variables} != {*SLOTS} or {*self.secrets} != {*SLOTS}:
            raise ValueError(f"variables, secrets: expected those of {', '.join(SLOTS)}")


class KubernetesBackend(pulumi.ComponentResource):
    """A Deployment for each slot, and what keeps it running, small and safe.

    Both are always declared; an idle one has no pods. What is declared of a slot's number of pods
    is where autoscaling begins. While the slot has traffic, what its autoscaler makes of it is what
    its Deployment declares: whatever else changes there, these pods stay.
    """

    TYPE: ClassVar[str] = "slipway:backend:KubernetesBackend"

    def __init__(
        self, name: str, args: KubernetesBackendArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the slots."""
        super().__init__(self.TYPE, name, None, opts)
        self._name, self._args = name, args
        self._account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=self._about(objects.NAME),
            automount_service_account_token=False,
            image_pull_secrets=[{"name": args.pull_secret}] if args.pull_secret else None,
            opts=self._options(),
        )
        self._policy = kubernetes.networking.v1.NetworkPolicy(
            f"{name}-network-policy",
            metadata=self._about(objects.NAME),
            spec=objects.network_policy(args.outbound_ports),
            opts=self._options(),
        )
        self.deployments = {slot: self._declare_slot(slot) for slot in SLOTS}
        self.register_outputs({})

    def _declare_slot(self, slot: SlotName) -> kubernetes.apps.v1.Deployment:
        pods: pulumi.Output[SlotPods] = self._args.slots.apply(lambda slots: slots[slot])
        source = self._secrets(slot, pods)
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{self._name}-{slot}-disruption-budget",
            metadata=self._about(objects.slot_name(slot)),
            spec=objects.disruption_budget(slot),
            opts=self._options(),
        )
        seconds = pods.apply(objects.deadline)
        annotations = {
            # of the number of pods the autoscaler is a second owner
            "pulumi.com/patchForce": "true",
            "pulumi.com/timeoutSeconds": seconds.apply(lambda s: str(s + WAIT_SECONDS)),
        }
        return kubernetes.apps.v1.Deployment(
            f"{self._name}-{slot}",
            metadata={
                **self._about(objects.slot_name(slot)),
                "labels": pods.apply(lambda p: self._labels(p, slot)),
                "annotations": annotations,
            },
            spec={
                **objects.deployment(slot),
                "replicas": self._replicas(slot, pods),
                "progressDeadlineSeconds": seconds,
                "template": self._template(slot, pods, source),
            },
            opts=self._options(depends_on=[self._account, self._policy, *self._args.after]),
        )

    def _replicas(self, slot: SlotName, pods: pulumi.Output[SlotPods]) -> pulumi.Output[int]:
        """Declare the slot's autoscaler; return what its Deployment is to declare.

        That is told its count, not to ignore it: where the engine finds none at all, or too few,
        there have to be as many as declared before the slot gets traffic. The autoscaler comes
        first, so that it does not undo a declared count that it is to hold the slot at; and after
        the traffic, which that count need not carry.
        """
        maximum, percent = self._args.maximum_replicas, self._args.cpu_target_percent
        scaler = kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
            f"{self._name}-{slot}-autoscaler",
            metadata=self._about(objects.slot_name(slot)),
            spec=pods.apply(
                lambda p: objects.autoscaler(slot, p, maximum=maximum, cpu_percent=percent)
            ),
            opts=self._options(depends_on=[*self._args.after]),
        )
        known: pulumi.Output[list[Any]] = pulumi.Output.all(pods, scaler.status)

        def replicas(known: list[Any]) -> int:
            pods, status = known
            desired = (status or {}).get("desired_replicas") or 0
            return objects.replicas(pods, int(desired), maximum=maximum)

        return known.apply(replicas)

    def _template(
        self, slot: SlotName, pods: pulumi.Output[SlotPods], source: SecretSource
    ) -> pulumi.Output[dict[str, Any]]:
        known: pulumi.Output[list[Any]] = pulumi.Output.all(
            pods, self._args.variables[slot], source.secret, source.volume
        )

        def template(known: list[Any]) -> dict[str, Any]:
            pods, variables, secret, volume = known
            spec = pod(
                pods,
                self._args.sizes,
                objects.selector(slot),
                account=objects.NAME,
                variables=variables,
                secret=secret,
                volume=volume,
            )
            return {"metadata": {"labels": self._labels(pods, slot)}, "spec": spec}

        return known.apply(template)

    def _secrets(self, slot: SlotName, pods: pulumi.Output[SlotPods]) -> SecretSource:
        return secret_source(
            f"{self._name}-{slot}-secrets",
            objects.slot_name(slot),
            self._args.secrets[slot],
            pods.apply(lambda p: list(p.secrets)),
            about={"namespace": self._args.namespace, "labels": dict(self._args.labels)},
            bundle=self._args.bundle,
            opts=self._options(),
        )

    def _about(self, called: str) -> dict[str, Any]:
        labels = {**self._args.labels, objects.COMPONENT: objects.NAME}
        return {"name": called, "namespace": self._args.namespace, "labels": labels}

    def _labels(self, pods: SlotPods, slot: SlotName) -> dict[str, str]:
        named = {BY_RELEASE: pods.release, **({VERSION: pods.version} if pods.version else {})}
        return {**self._args.labels, **named, **objects.selector(slot)}

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=self._args.provider, **more)
