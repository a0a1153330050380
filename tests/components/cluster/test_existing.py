"""What the program declares of a cluster that exists."""

import json

import pytest

from components.cluster.existing import ExistingClusterArgs
from tests.components.clusters import declared, released
from tests.components.examples import live


def test_no_credential_of_the_cluster_reaches_the_state() -> None:
    found = declared(live(released()), kubernetes_context="shop-staging")
    provider = found.inputs["application-cluster-provider"]

    assert provider == {"context": "shop-staging", "clusterIdentifier": "shop-staging"}


def test_the_namespace_lets_in_pods_without_privileges_only() -> None:
    found = declared(live(released()), kubernetes_namespace="shop")
    metadata = found.inputs["application-cluster-namespace"]["metadata"]

    assert metadata["name"] == "shop"
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert metadata["labels"]["slipway/owner"] == "shop-team"


def test_everything_of_the_environment_is_in_its_namespace_by_its_own_provider() -> None:
    found = declared(live(released()))

    for name, kind in found.types().items():
        if kind.rpartition("$")[2].startswith("kubernetes:") and "Namespace" not in kind:
            assert found.inputs[name]["metadata"]["namespace"] == "todo-staging", name
    assert "kubeconfig" not in json.dumps(found.inputs, default=str)


def test_a_name_that_is_no_namespaces_is_refused() -> None:
    with pytest.raises(ValueError, match="namespace: expected up to 63 lower-case letters"):
        ExistingClusterArgs(namespace="Shop_1")
