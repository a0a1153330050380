"""What is declared for clusters, before a real API server."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from automation.manifests.declared import Plan
from automation.manifests.kubernetes import files
from tests.automation.manifests.conftest import plan
from tests.doubles.kubernetes.client import Client, Refused
from tests.doubles.kubernetes.server import ApiServer

pytestmark = [pytest.mark.integration, pytest.mark.long]
Object = dict[str, Any]
ELSEWHERE = ("TargetGroupBinding",)
"""Kinds whose definitions no module has: those of EKS are AWS's own."""


@pytest.fixture(scope="module")
def client(api_server: ApiServer) -> Iterator[Client]:
    with api_server.client() as opened:
        yield opened


@pytest.fixture(scope="module", params=["staging", "production"])
def declared(request: pytest.FixtureRequest) -> Plan:
    return plan(request.param)


@pytest.fixture(scope="module")
def objects(declared: Plan, client: Client) -> list[Object]:
    """Return the objects of an environment, whose namespace and account are there for real."""
    found = [
        yaml.safe_load(text)
        for name, text in files(declared).items()
        if name.endswith(".yaml") and "kustomization" not in name
    ]
    for each in found:
        if each["kind"] in ("Namespace", "ServiceAccount"):
            client.apply(each)
    return [each for each in found if each["kind"] not in ELSEWHERE]


def of_kind(objects: list[Object], kind: str) -> Object:
    found = next(each for each in objects if each["kind"] == kind and not _idle(each))
    return copy.deepcopy(found)


def _idle(each: Object) -> bool:
    return each.get("spec", {}).get("replicas") == 0


def test_a_server_side_dry_run_takes_every_object(objects: list[Object], client: Client) -> None:
    client.warnings.clear()

    for each in objects:
        taken = client.apply(each, dry_run=True)
        assert taken["metadata"]["name"] == each["metadata"]["name"]

    assert len(objects) >= 14
    assert client.warnings == [], "pods are within the level `restricted`, and nothing is outdated"


def test_pods_are_let_in_where_only_those_without_privileges_are(
    objects: list[Object], client: Client
) -> None:
    deployment = of_kind(objects, "Deployment")
    template = deployment["spec"]["template"]
    about = {
        **template["metadata"],
        "name": "one",
        "namespace": deployment["metadata"]["namespace"],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": template["spec"]}

    taken = client.create(pod, dry_run=True)
    assert taken["spec"]["automountServiceAccountToken"] is False
    assert not [v for v in taken["spec"]["volumes"] if "token" in v["name"]]

    del pod["spec"]["containers"][0]["securityContext"]["capabilities"]
    with pytest.raises(Refused, match='violates PodSecurity "restricted'):
        client.create(pod, dry_run=True)


def test_the_server_does_not_take_anything(objects: list[Object], client: Client) -> None:
    wrong = of_kind(objects, "Deployment")
    wrong["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True

    with pytest.raises(Refused, match="readOnly"):
        client.apply(wrong, dry_run=True)


def test_only_routes_that_the_api_knows_are_taken(api_server: ApiServer, client: Client) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "routes"}}
    client.apply(namespace)
    about = {"name": "backend", "namespace": "routes"}
    rule = {
        "matches": [{"path": {"type": "Exact", "value": "/health"}}],
        "filters": [
            {
                "type": "URLRewrite",
                "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}},
            }
        ],
        "backendRefs": [{"name": "a", "port": 80}],
    }
    route = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": about,
        "spec": {"rules": [rule]},
    }

    # why an exact path and a prefix that is taken off are never in one rule
    with pytest.raises(Refused, match="PathPrefix"):
        client.apply(route, dry_run=True)
