"""A workload on Kubernetes and a page on Vercel, on the real engine, with what happens to them."""

import pytest

from tests.doubles.plugins.fixture import Plugins
from tests.plugins.engine import Engine

pytestmark = pytest.mark.integration
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
WORKLOAD = """
    import pulumi
    import pulumi_kubernetes as k8s
    import pulumi_random as random

    config = pulumi.Config()
    labels = {"app": "api", "slot": "blue"}
    password = random.RandomPassword("password", length=24, special=False)
    space = k8s.core.v1.Namespace("space", metadata={"name": "shop"})
    about = {"namespace": space.metadata.name}
    secret = k8s.core.v1.Secret(
        "secret", metadata=about, string_data={"password": password.result}
    )
    container = {
        "name": "api",
        "image": "registry/api@sha256:00",
        "env": [{
            "name": "PASSWORD",
            "value_from": {"secret_key_ref": {"name": secret.metadata.name, "key": "password"}},
        }],
        "readiness_probe": {"http_get": {"path": "/health", "port": 8000}},
        "resources": {"limits": {"memory": "256Mi"}},
    }
    deployment = k8s.apps.v1.Deployment(
        "api",
        metadata={**about, "name": "api"},
        spec={
            "replicas": int(config.get("replicas") or 2),
            "selector": {"match_labels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    )
    service = k8s.core.v1.Service(
        "service",
        metadata={**about, "name": "api"},
        spec={"selector": labels, "ports": [{"port": 80, "target_port": 8000}]},
    )
    k8s.apiextensions.CustomResource(
        "route",
        api_version="gateway.networking.k8s.io/v1",
        kind="HTTPRoute",
        metadata={**about, "name": "api"},
        spec={"rules": [{"backendRefs": [{"name": "api", "port": 80, "weight": 100}]}]},
        opts=pulumi.ResourceOptions(depends_on=[service]),
    )
    pulumi.export("address", service.spec.cluster_ip)
    pulumi.export("password", password.result)
    pulumi.export("ready", deployment.status.ready_replicas)
"""
PAGE = """
    import hashlib
    import pathlib

    import pulumi
    import pulumiverse_vercel as vercel

    page = pathlib.Path(pulumi.Config().require("page"))
    data = page.read_bytes()
    files = {str(page): f"{len(data)}~{hashlib.sha1(data).hexdigest()}"}
    project = vercel.Project("page", name="shop", framework="nextjs")
    vercel.ProjectEnvironmentVariable(
        "variable",
        project_id=project.id,
        key="API",
        value="https://api.example.org",
        targets=["production"],
        sensitive=True,
    )
    vercel.ProjectDomain("domain", project_id=project.id, domain="shop.example.org")
    deployment = vercel.Deployment(
        "release", project_id=project.id, production=True, files=files
    )
    pulumi.export("url", deployment.url)
"""


def test_a_workload_is_made_drifts_is_mended_and_goes(engine: Engine, plugins: Plugins) -> None:
    engine.program(WORKLOAD).up().ok()
    outputs = engine.outputs()
    assert outputs["address"].startswith("172.20.")
    assert outputs["ready"] == 2
    assert len(outputs["password"]) == 24
    assert outputs["password"] not in engine.state()
    assert plugins.object("kubernetes:core/v1:Secret").id.startswith("shop/secret-")

    # What somebody did behind the engine's back is seen by a refresh and mended by an update.
    plugins.change(plugins.object(DEPLOYMENT), {"spec.replicas": 7})
    plugins.delete(plugins.object(ROUTE))
    engine.refresh().ok()
    plugins.forget()
    engine.up().ok()
    assert sorted(plugins.changes()) == [f"Create {ROUTE} route", f"Update {DEPLOYMENT} api"]
    assert plugins.object(DEPLOYMENT).outputs["spec"]["replicas"] == 2
    engine.unchanged()

    engine.destroy().ok()
    assert plugins.objects() == []


def test_a_page_is_deployed_anew_for_other_files(engine: Engine, plugins: Plugins) -> None:
    page = engine.folder / "index.html"
    page.write_text("one")
    engine.configure(page=str(page)).program(PAGE).up().ok()
    first = engine.outputs()["url"]
    assert first.startswith("shop-")

    page.write_text("two")
    plugins.forget()
    engine.up().ok()

    release = "vercel:index/deployment:Deployment release"
    assert plugins.changes() == [f"Create {release}", f"Delete {release}"]
    assert engine.outputs()["url"] != first


def test_what_an_api_would_refuse_is_refused_before_anything_is_made(
    engine: Engine, plugins: Plugins
) -> None:
    wrong = WORKLOAD.replace('"limits": {"memory"', '"limit": {"memory"')
    engine.program(wrong).preview().failed(
        "spec.template.spec.containers[0].resources.limit", "unknown property"
    )
    wrong = WORKLOAD.replace('"selector": {"match_labels": labels},', "")
    engine.program(wrong).preview().failed("spec.selector", "missing required property")

    assert plugins.objects() == []
