"""What the program declares of a cluster at AWS."""

import json
from typing import Any

import pytest

from components.cluster import eks_administrators
from components.cluster.eks_nodes import ManagedNodes
from tests.components.aws import CLUSTER, of_kind, usual
from tests.doubles.program import Declared

PLANE = f"{CLUSTER}-control-plane"
ADMINISTRATOR = "arn:aws:iam::123456789012:role/operators"


@pytest.fixture(scope="module")
def auto() -> Declared:
    return usual()


@pytest.fixture(scope="module")
def managed() -> Declared:
    return usual(eks_nodes="managed", eks_maximum_nodes=9)


def addons(found: Declared) -> set[str]:
    return {given["addonName"] for given in of_kind(found, "aws:eks/addon:Addon").values()}


def test_secrets_in_the_cluster_are_encrypted_with_a_key_that_turns_over(auto: Declared) -> None:
    encryption = auto.inputs[PLANE]["encryptionConfig"]

    assert encryption["resources"] == ["secrets"]
    assert encryption["provider"]["keyArn"] == f"arn:aws:{CLUSTER}-key"
    assert auto.inputs[f"{CLUSTER}-key"]["enableKeyRotation"] is True


def test_everything_that_the_control_plane_logs_is_kept_for_a_while(auto: Declared) -> None:
    logs = auto.inputs[f"{CLUSTER}-logs"]

    assert len(auto.inputs[PLANE]["enabledClusterLogTypes"]) == 5
    assert logs["name"] == f"/aws/eks/{auto.inputs[PLANE]['name']}/cluster"
    assert logs["retentionInDays"] == 90
    assert f"{CLUSTER}-logs" in auto.dependencies[PLANE]


def test_access_is_by_entries_alone() -> None:
    found = usual(eks_administrators=(ADMINISTRATOR,))

    assert found.inputs[PLANE]["accessConfig"]["authenticationMode"] == "API"
    called = f"{CLUSTER}-administrator-{eks_administrators.noun(ADMINISTRATOR)}"
    assert found.inputs[called]["principalArn"] == ADMINISTRATOR
    policy = found.inputs[f"{called}-policy"]
    assert policy["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")
    assert policy["accessScope"] == {"type": "cluster"}


@pytest.mark.parametrize(
    ("cidrs", "public"), [(("203.0.113.0/24",), True), ((), False)], ids=["some", "none"]
)
def test_the_api_server_is_reached_from_where_the_settings_say(
    cidrs: tuple[str, ...], public: bool
) -> None:
    network = usual(eks_public_cidrs=cidrs).inputs[PLANE]["vpcConfig"]

    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is public
    assert network.get("publicAccessCidrs", []) == [*cidrs]


def test_nodes_are_in_private_subnets(auto: Declared, managed: Declared) -> None:
    private = {f"{CLUSTER}-network-private-{zone}-id" for zone in range(3)}

    assert {*auto.inputs[PLANE]["vpcConfig"]["subnetIds"]} == private
    assert {*managed.inputs[f"{CLUSTER}-nodes"]["subnetIds"]} == private


def test_auto_mode_has_compute_load_balancing_and_storage_at_once(auto: Declared) -> None:
    plane = auto.inputs[PLANE]

    # EKS takes all three or none.
    assert plane["computeConfig"]["enabled"] is True
    assert plane["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"] is True
    assert plane["storageConfig"]["blockStorage"]["enabled"] is True
    assert of_kind(auto, "aws:eks/nodeGroup:NodeGroup") == {}
    assert addons(auto) == {"metrics-server", "aws-secrets-store-csi-driver-provider"}


def test_network_policies_mean_something_on_either_kind_of_nodes(
    auto: Declared, managed: Declared
) -> None:
    switch = auto.inputs[f"{CLUSTER}-network-policies"]
    plugin = managed.inputs[f"{CLUSTER}-vpc-cni"]["configurationValues"]

    assert switch["metadata"]["name"] == "amazon-vpc-cni"
    assert switch["data"] == {"enable-network-policy-controller": "true"}
    assert json.loads(plugin) == {"enableNetworkPolicy": "true"}


def test_managed_nodes_are_encrypted_and_keep_their_role_to_themselves(managed: Declared) -> None:
    template = managed.inputs[f"{CLUSTER}-node-template"]

    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    assert template["metadataOptions"] == {"httpTokens": "required", "httpPutResponseHopLimit": 1}
    assert managed.inputs[f"{CLUSTER}-nodes"]["scalingConfig"] == {
        "minSize": 2,
        "desiredSize": 2,
        "maxSize": 9,
    }
    needed = {"vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "metrics-server"}
    assert addons(managed) >= needed


def test_managed_nodes_wait_for_their_network_and_name_service_for_them(managed: Declared) -> None:
    assert f"{CLUSTER}-vpc-cni" in managed.dependencies[f"{CLUSTER}-nodes"]
    assert f"{CLUSTER}-nodes" in managed.dependencies[f"{CLUSTER}-coredns"]


def test_whoever_reads_no_secrets_from_aws_gets_no_add_on_for_it() -> None:
    found = usual(secrets_platform="config")

    assert addons(found) == {"metrics-server"}


def test_the_driver_of_secrets_fills_them_in_this_namespace_alone(auto: Declared) -> None:
    finding = auto.inputs[f"{CLUSTER}-secret-sync-finding"]
    filling = auto.inputs[f"{CLUSTER}-secret-sync-filling"]

    assert finding["rules"][0]["verbs"] == ["list", "watch"]
    assert filling["metadata"]["namespace"] == "todo-production"
    assert "create" in filling["rules"][0]["verbs"]
    for role in ("finding", "filling"):
        binding = auto.inputs[f"{CLUSTER}-secret-sync-{role}-binding"]
        assert [each["name"] for each in binding["subjects"]] == ["secrets-store-csi-driver"]


def test_the_way_in_has_no_credential_and_another_token_replaces_nothing(auto: Declared) -> None:
    provider = auto.inputs[f"{CLUSTER}-kubernetes"]
    config = json.loads(provider["kubeconfig"])

    assert provider["clusterIdentifier"] == f"arn:aws:{PLANE}"
    assert config["users"][0]["user"].keys() == {"exec"}
    assert config["users"][0]["user"]["exec"]["args"][:2] == ["eks", "get-token"]


def test_what_runs_in_the_cluster_waits_for_its_nodes(managed: Declared) -> None:
    assert f"{CLUSTER}-nodes" in managed.dependencies[f"{CLUSTER}-kubernetes"]


@pytest.mark.parametrize(
    ("nodes", "gate", "binding"),
    [
        ("auto", "eks.amazonaws.com", "eks.amazonaws.com/v1"),
        ("managed", "elbv2.k8s.aws", "elbv2.k8s.aws/v1beta1"),
    ],
)
def test_pods_are_restricted_and_ready_when_the_load_balancer_says_so(
    nodes: str, gate: str, binding: str
) -> None:
    found = usual(eks_nodes=nodes)
    labels = found.inputs[f"{CLUSTER}-namespace"]["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels[f"{gate}/pod-readiness-gate-inject"] == "enabled"
    assert of_kind(found, f"kubernetes:{binding}:TargetGroupBinding").keys() == {
        f"application-load-balancer-binding-{slot}" for slot in ("blue", "green")
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"aws_outbound": "endpoints", "database_platform": "neon"}, "nothing in the cluster"),
        ({"backend_architecture": "arm64"}, "slipway:backendArchitecture is arm64"),
        ({"aws_network": "10.0.0.0/24"}, "slipway:awsNetwork: expected a range of /16 to /20"),
        ({"aws_network": "10.0.0.1/16"}, "slipway:awsNetwork: 10.0.0.1/16 has host bits set"),
        ({"eks_minimum_nodes": 7}, "eksMinimumNodes is 7, above slipway:eksMaximumNodes, 6"),
    ],
)
def test_what_would_not_do_is_refused_by_its_key(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        usual(**changes)


def test_as_many_nodes_at_least_as_at_most_are_fine() -> None:
    assert ManagedNodes(minimum=3, maximum=3).maximum == 3
