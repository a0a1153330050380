"""What a cluster's autoscaling does, as far as it follows from what is declared.

There is no load, so a Deployment keeps its count within the bounds of its autoscaler. One without
replicas is left alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.doubles.plugins.cloud import Cloud, Object
from tests.doubles.plugins.kubernetes_status import status
from tests.doubles.plugins.provider import Making, merged
from tests.doubles.plugins.values import at

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"


def settle(making: Making, made: Object) -> None:
    """Let the autoscalers take notice, once an object of theirs or they themselves were applied.

    As in a cluster, whoever applied it was answered before.
    """
    cloud = making.provider.cloud
    for scaler, target in _pairs(cloud, made.scope):
        has = at(target.outputs, "spec.replicas") if target else 0
        wanted = _within(scaler, has) if has else 0
        if target and wanted != has:
            cloud.put(scaled(target, wanted))
        told = {"currentReplicas": has, "desiredReplicas": wanted}
        cloud.put(replace(scaler, outputs=merged(scaler.outputs, {"status": told})))


def scaled(deployment: Object, count: int) -> Object:
    """Return a Deployment with another number of replicas, all of them ready."""
    spec = {"spec": {"replicas": count}}
    outputs = merged(deployment.outputs, spec)
    return replace(
        deployment,
        inputs=merged(deployment.inputs, spec),
        outputs=merged(outputs, status(outputs, 0)),
    )


def _within(scaler: Object, count: int) -> int:
    least, most = (at(scaler.outputs, f"spec.{end}Replicas") for end in ("min", "max"))
    return int(min(max(count, least or 1), most))


def _pairs(cloud: Cloud, scope: str) -> Iterator[tuple[Object, Object | None]]:
    """Yield the autoscalers of a cluster, each with the Deployment that it names."""
    known = {_place(each): each for each in cloud.objects(DEPLOYMENT) if each.scope == scope}
    for scaler in cloud.objects(SCALER):
        if scaler.scope == scope:
            name = at(scaler.outputs, "spec.scaleTargetRef.name")
            yield scaler, known.get((_place(scaler)[0], name))


def _place(thing: Object) -> tuple[str, str]:
    return at(thing.outputs, "metadata.namespace"), at(thing.outputs, "metadata.name")
