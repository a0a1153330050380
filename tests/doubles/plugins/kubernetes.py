"""The double of `kubernetes`: an API server that accepts what the SDK's types allow, and no pods.

What is applied is ready at once. `status` says so in the words of the real controllers.
"""

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import yaml

from tests.doubles.plugins import kubernetes_scaling, kubernetes_server
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.comparison import Change
from tests.doubles.plugins.kubernetes_rules import broken
from tests.doubles.plugins.kubernetes_status import status
from tests.doubles.plugins.provider import Kind, Making, Provider, Refused, digest, merged
from tests.doubles.plugins.shapes import Problem, problems, shape
from tests.doubles.plugins.values import UNKNOWN, at

AUTONAMED = "pulumi.com/autonamed"
OPEN = {
    "inputs": {
        "apiVersion": "string",
        "kind": "string",
        "metadata": {"object": "metadata"},
        "spec": "any",
    },
    "outputs": {"spec": "any"},
    "required": ["apiVersion", "kind"],
    "secrets": [],
}
# provider/pkg/provider/diff.go of pulumi-kubernetes: what it replaces for, beside the name.
IMMUTABLE = {
    "apps/v1/Deployment": ("spec.selector",),
    "apps/v1/DaemonSet": ("spec.selector",),
    "apps/v1/StatefulSet": (
        "spec.podManagementPolicy",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "batch/v1/Job": ("spec.selector", "spec.template"),
    "v1/ConfigMap": ("data", "binaryData"),
    "v1/Secret": ("data", "stringData", "type"),
    "v1/Service": ("spec.clusterIP", "spec.type"),
    "v1/PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    "rbac.authorization.k8s.io/v1/RoleBinding": ("roleRef",),
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ("roleRef",),
    "storage.k8s.io/v1/StorageClass": ("parameters", "provisioner"),
}
CLUSTER_SCOPED = {
    *("Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding"),
    *("StorageClass", "IngressClass", "PriorityClass", "CustomResourceDefinition", "GatewayClass"),
    *("ClusterIssuer", "ClusterSecretStore", "NodePool", "EC2NodeClass", "RuntimeClass"),
    *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"),
    *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "CSIDriver"),
}
INSTALLED = (
    *("gateway.networking.k8s.io", "gateway.k8s.aws", "elbv2.k8s.aws", "monitoring.coreos.com"),
    *("cert-manager.io", "external-secrets.io", "secrets-store.csi.x-k8s.io", "karpenter.sh"),
    *("eks.amazonaws.com", "gateway.envoyproxy.io"),
)
"""Groups of custom resources that are there from the beginning; see Plugins.cloud.note."""
NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
ALWAYS_SECRET = {"Secret": ("data", "stringData")}


class Kubernetes(Provider):
    """A cluster for each server that a kubeconfig names."""

    package: ClassVar[str] = "kubernetes"
    unordered: ClassVar[bool] = False

    def kind(self, token: str) -> Kind:
        """Return what is particular to a type."""
        secret = ALWAYS_SECRET.get(token.rpartition(":")[2], ())
        if token in (kubernetes_scaling.DEPLOYMENT, kubernetes_scaling.SCALER):
            return Kind(secrets=secret, after=kubernetes_scaling.settle)
        return Kind(secrets=secret)

    def forces(
        self, token: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> frozenset[str]:
        """Replace for names, what makes it another thing, and what the API never changes."""
        about = f"{news.get('apiVersion')}/{news.get('kind')}"
        paths = IMMUTABLE.get(about, ())
        if news.get("kind") == "ConfigMap" and self.config.get("enableConfigMapMutable"):
            paths = ("immutable",) if at(olds, "immutable") else ()
        if news.get("kind") == "Secret" and self.config.get("enableSecretMutable"):
            paths = ("type",)
        if token.endswith("Patch"):
            paths = ()
        return frozenset(("apiVersion", "kind", "metadata.name", "metadata.namespace", *paths))

    def scope(self, inputs: Mapping[str, Any]) -> str:
        """Return the cluster."""
        config = self.config.get("kubeconfig")
        return str(self.config.get("clusterIdentifier") or _server(config) or "cluster")

    def replaces_itself(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
        """Replace the provider for another cluster only; new credentials are no other cluster."""
        if old.get("clusterIdentifier") or new.get("clusterIdentifier"):
            name = "clusterIdentifier"
            return [name] if old.get(name) != new.get(name) else []
        one, other = _server(old.get("kubeconfig")), _server(new.get("kubeconfig"))
        return ["kubeconfig"] if one and other and one != other else []

    def check(
        self, token: str, name: str, inputs: dict[str, Any], olds: Mapping[str, Any], seed: bytes
    ) -> tuple[dict[str, Any], list[Problem]]:
        """Return the object with name and namespace, and what an API server would say of it."""
        known = shape("kubernetes", token)
        form = known or _custom()
        found = list(problems(form, inputs))
        group = str(inputs.get("apiVersion", "")).rpartition("/")[0]
        if not known and "." not in group:
            found.append(("apiVersion", f"the SDK of kubernetes has no type {token}"))
        if not found:
            found = list(broken(inputs))
        return self._named(name, inputs, olds, seed), found

    def _named(
        self, name: str, inputs: dict[str, Any], olds: Mapping[str, Any], seed: bytes
    ) -> dict[str, Any]:
        metadata = dict(inputs.get("metadata") or {})
        if not metadata.get("name") and not metadata.get("generateName"):
            annotations = dict(metadata.get("annotations") or {})
            kept = (at(olds, "metadata.annotations") or {}).get(AUTONAMED)
            known = at(olds, "metadata.name") if kept else None
            metadata["name"] = known or f"{name.lower()[:54]}-{digest(seed)[:8]}"
            metadata["annotations"] = {**annotations, AUTONAMED: "true"}
        if not metadata.get("namespace") and inputs.get("kind") not in CLUSTER_SCOPED:
            metadata["namespace"] = self.config.get("namespace") or "default"
        return {**inputs, "metadata": metadata}

    def deletes_first(self, token: str, changes: Iterable[Change], news: Mapping[str, Any]) -> bool:
        """Delete first where the new object would have the name of the old one."""
        if AUTONAMED in (at(news, "metadata.annotations") or {}):
            return False
        moved = ("metadata.name", "metadata.namespace")
        return all(change.text not in moved for change in changes)

    def foresee(self, making: Making) -> dict[str, Any]:
        """Return the object as it was given: all but its status is known."""
        form = shape("kubernetes", making.type) or OPEN
        given = {k: v for k, v in making.inputs.items() if v is not None}
        unknown = {"status": UNKNOWN} if "status" in form["outputs"] else {}
        return {**unknown, **given}

    def create(self, making: Making, urn: str) -> Object:
        """Apply an object."""
        scope = self.scope(making.inputs)
        made = Object("kubernetes", making.type, self._id(making), scope, making.name, urn)
        self._admit(making, scope)
        if self.cloud.get("kubernetes", making.type, made.id, scope):
            plural = f"{str(making.inputs['kind']).lower()}s"
            raise Refused(f'{plural} "{at(making.inputs, "metadata.name")}" already exists')
        outputs = self._applied(self._outputs(making, None), making.inputs)
        return replace(made, inputs=dict(making.inputs), outputs=outputs)

    def update(self, making: Making) -> Object:
        """Apply an object over what is there."""
        assert making.old
        self._admit(making, making.old.scope)
        outputs = self._applied(self._outputs(making, making.old), making.inputs)
        return replace(making.old, inputs=dict(making.inputs), outputs=outputs)

    def delete(self, gone: Object) -> None:
        """Delete an object; with a namespace goes everything in it."""
        kubernetes_server.delete(gone.outputs)
        if gone.inputs.get("kind") == "Namespace":
            name = at(gone.inputs, "metadata.name")
            for other in self.cloud.objects("kubernetes:*"):
                inside = at(other.inputs, "metadata.namespace") == name
                if inside and other.scope == gone.scope:
                    self.cloud.remove(other)

    def has(self, thing: Object) -> bool:
        """Tell whether a real API server, where one is given, has an object too."""
        return kubernetes_server.has(thing.outputs)

    def _applied(self, outputs: dict[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        return merged(outputs, {"metadata": kubernetes_server.apply(inputs)})

    def _id(self, making: Making) -> str:
        metadata = making.inputs["metadata"]
        name = metadata.get("name") or f"{metadata['generateName']}{uuid.uuid4().hex[:5]}"
        namespace = metadata.get("namespace")
        return f"{namespace}/{name}" if namespace else str(name)

    def _admit(self, making: Making, scope: str) -> None:
        group = str(making.inputs.get("apiVersion", "")).rpartition("/")[0]
        if shape("kubernetes", making.type) is None:
            self._known(making, group, scope)
        namespace = at(making.inputs, "metadata.namespace")
        if namespace and namespace not in NAMESPACES:
            spaces = self.cloud.objects("kubernetes:core/v1:Namespace")
            names = {at(e.outputs, "metadata.name") for e in spaces if e.scope == scope}
            if namespace not in names:
                raise Refused(f'namespaces "{namespace}" not found')

    def _known(self, making: Making, group: str, scope: str) -> None:
        made = self.cloud.objects("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition")
        groups = {at(each.inputs, "spec.group") for each in made if each.scope == scope}
        if group not in {*groups, *self.cloud.noted("groups", INSTALLED)}:
            kind, version = making.inputs["kind"], making.inputs["apiVersion"]
            raise Refused(f'no matches for kind "{kind}" in version "{version}"')

    def _outputs(self, making: Making, old: Object | None) -> dict[str, Any]:
        given = {k: v for k, v in making.inputs.items() if v is not None}
        before = old.outputs.get("metadata", {}) if old else {}
        changed = old is None or given.get("spec") != old.inputs.get("spec")
        about = {
            "uid": before.get("uid") or str(uuid.uuid4()),
            "creationTimestamp": before.get("creationTimestamp") or _now(),
            "generation": before.get("generation", 0) + (1 if changed else 0),
            "resourceVersion": str(int(before.get("resourceVersion") or 1000) + 1),
        }
        seed = int(hashlib.sha256(about["uid"].encode()).hexdigest(), 16)
        found = merged({"metadata": about}, given)
        found = merged(found, status(found, seed))
        if old and given.get("kind") == "HorizontalPodAutoscaler":
            found["status"] = old.outputs.get("status", found.get("status"))
        return merged(found, self.cloud.answers(making.type, making.name))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _custom() -> dict[str, Any]:
    known = shape("kubernetes", "kubernetes:core/v1:ConfigMap")
    assert known
    metadata = known["inputs"]["metadata"]
    return {**OPEN, "inputs": {**OPEN["inputs"], "metadata": metadata}, "objects": known["objects"]}


def _server(kubeconfig: Any) -> str | None:
    if isinstance(kubeconfig, str) and re.match(r"^[~/.]", kubeconfig):
        return kubeconfig  # a path: the file is not looked at
    content = yaml.safe_load(kubeconfig) if isinstance(kubeconfig, str) else kubeconfig
    if not isinstance(content, Mapping):
        return None
    return next(iter(_servers(content)), None)


def _servers(content: Mapping[str, Any]) -> Iterator[str]:
    wanted = content.get("current-context")
    contexts = {each["name"]: each.get("context", {}) for each in content.get("contexts") or ()}
    cluster = contexts.get(wanted, {}).get("cluster")
    for each in content.get("clusters") or ():
        if cluster in (None, each["name"]):
            yield str(each["cluster"]["server"])
