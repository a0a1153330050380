"""`production`, whole: EKS, an ALB and Route 53 at AWS, Vercel, Neon, Secrets Manager, CloudWatch.

The engine is real, its plugins are doubles, and the world serves what they hold.
"""

import json
from collections.abc import Iterator

import pytest

from tests.integration.clouds import Shop, shop

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.xdist_group("production")]
ENVIRONMENT = "production"
RULE = "aws:lb/listenerRule:ListenerRule"
VPC = "aws:ec2/vpc:Vpc"
LEFT = {"Zone", "Key", "Project", "ProjectDomain", "Alias", "Deployment"}
"""A zone older than the deployment; keys; the frontend's project with all that it holds."""
EXPECTED = (
    *("Vpc", "Cluster", "LoadBalancer", "TargetGroup", "ListenerRule", "CertificateValidation"),
    *("Record", "SecretVersion", "PodIdentityAssociation", "MetricAlarm", "Dashboard", "Topic"),
    *("Deployment", "TargetGroupBinding", "SecretProviderClass", "Project", "Alias", "Branch"),
)


@pytest.fixture(scope="module")
def production() -> Iterator[Shop]:
    """A shop whose first release is live; what a preview said before is kept."""
    with shop(ENVIRONMENT) as made:
        made.foreseen = made("preview", ENVIRONMENT).ok().stdout
        made.up().ok()
        yield made


def messages(of: Shop) -> list[str]:
    """Return what the engine's history says of each update, the latest first."""
    told = of.slipway.pulumi(
        ENVIRONMENT, "stack", "history", "--json", "-s", ENVIRONMENT, "--show-secrets=false"
    )
    return [str(each["message"]) for each in json.loads(told.ok().stdout)]


def judged(of: Shop) -> list[tuple[int, str]]:
    """Return the weights at which the traffic was judged in the latest deployment, and how."""
    gates = of.report()["evidence"]["gates"]
    return [(each["weight"], each["verdict"]) for each in gates if each["gate"] == "traffic"]


def test_a_preview_lists_every_resource_before_there_is_any(production: Shop) -> None:
    missing = [kind for kind in EXPECTED if kind not in production.foreseen]

    assert missing == []


def test_the_public_gets_page_and_backend_by_the_names_that_route_53_has(production: Shop) -> None:
    production.greets("hello")
    assert production.world.reaches("api.app.example.com")
    production.is_clean()


def test_a_canary_goes_step_by_step_and_a_rollback_returns_from_any_machine(
    production: Shop,
) -> None:
    first = production.status()["release"]
    production.change(greeting="second")
    production.revise()

    production.up().ok()

    production.greets("second")
    deployment = production.report()["meta"]["deployment_id"]
    steps = [each for each in messages(production) if each.startswith(f"{deployment}: step")]
    assert len(steps) >= 4, steps
    assert judged(production) == [(50, "pass")]
    production.is_clean()

    production.leave_artifacts_behind()
    production("rollback", ENVIRONMENT).ok()
    production.greets("hello")
    assert production.status()["release"] == first
    production.is_clean()


def test_a_release_that_fails_under_traffic_goes_back_for_its_numbers(production: Shop) -> None:
    live = production.status()["release"]
    production.change("errors", greeting="third")

    with production.visited():
        production.up().ok(6)

    assert judged(production) == [(50, "fail")]
    production.greets("hello")
    assert production.status()["release"] == live
    production.change(greeting="second")


def test_drift_behind_the_engines_back_is_mended_before_anything_else(production: Shop) -> None:
    [rule] = [r for r in production.world.plugins.objects(RULE) if r.name.endswith("-everybody")]
    production.world.plugins.change(rule, {"priority": 31})
    [vpc] = production.world.plugins.objects(VPC)
    production.world.plugins.change(vpc, {"tags.owner": "mallory"})

    production.up().ok()

    [rule] = [r for r in production.world.plugins.objects(RULE) if r.name.endswith("-everybody")]
    assert rule.outputs["priority"] == 30
    assert production.world.plugins.object(VPC).outputs["tags"]["owner"] == "platform"
    production.is_clean()


def test_destroyed_by_its_name_once_aws_lets_it_go_only_what_is_kept_stays(
    production: Shop,
) -> None:
    by_name = ("destroy", ENVIRONMENT, "--yes", "--yes-destroy-production", ENVIRONMENT)

    production("destroy", ENVIRONMENT, "--yes").ok(3)
    guarded = production(*by_name).ok(3)
    production.greets("second")
    production.settings(awsDeletionProtection="false")
    production.up().ok()
    production(*by_name).ok()

    for name in ("application-cluster-control-plane", "application-load-balancer-balancer"):
        assert name in guarded.stderr
    left = {each.type.rpartition(":")[2] for each in production.world.plugins.objects()}
    assert left == LEFT
