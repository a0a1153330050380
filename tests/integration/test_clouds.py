"""What is in a cloud: looked at first, brought back, and lost only by its name."""

from collections.abc import Iterator

import pytest

from automation.errors import Blocked, RolledBack
from tests.integration.cloudy import TOPIC, VPC, ZONE, Cloudy, cloudy
from tests.integration.tiny import assert_refused

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.xdist_group("clouds")]
NET = "application-dns-net"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloudy]:
    """An environment with a network and a topic in the cloud."""
    with cloudy() as made:
        made.tiny("up", "development").ok()
        yield made


def test_what_was_changed_and_deleted_behind_our_back_comes_home(cloud: Cloudy):
    (vpc,), (topic,) = cloud.plugins.objects(VPC), cloud.plugins.objects(TOPIC)
    cloud.plugins.change(vpc, {"tags.owner": "mallory"})
    cloud.plugins.delete(topic)

    drift = cloud.tiny("status", "development", "--drift").ok()
    unasked = cloud.tiny("up", "development", "--no-refresh").ok()
    assert cloud.plugins.objects(TOPIC) == []
    foreseen = cloud.tiny("preview", "development", "--json").ok().json
    cloud.tiny("up", "development").ok()

    assert "nothing differs" in unasked.stderr
    assert f"update {NET}" in drift.stdout
    assert "create application-dns-topic" in drift.stdout
    operations = {each["urn"].split("::")[-1]: each["operation"] for each in foreseen["resources"]}
    assert operations["application-dns-topic"] == "create"
    assert operations[NET] == "update"
    assert cloud.outputs(VPC)["tags"] == {"owner": "ada"}
    assert cloud.outputs(TOPIC)["name"] == "alerts"


@pytest.mark.parametrize("release", ["the same", "a new one"])
def test_state_in_a_cloud_is_lost_only_by_its_name(cloud: Cloudy, release: str):
    before = cloud.outputs(VPC)
    cloud.declare(net="10.1.0.0/16" if release == "the same" else "10.2.0.0/16")
    if release == "a new one":
        cloud.tiny.serve("well-again")
    lost = f"{NET} (aws:ec2/vpc:Vpc) would be replaced; lost: the network and everything in it"

    foreseen = assert_refused(cloud.tiny("preview", "development"), Blocked.exit_code, lost)
    assert_refused(cloud.tiny("up", "development"), Blocked.exit_code, lost, "--allow-replace")
    assert cloud.outputs(VPC) == before
    assert cloud.tiny.status()["healthy"]
    cloud.tiny("up", "development", "--allow-replace", NET).ok()

    assert f"{NET} would be replaced" in foreseen.stdout
    assert cloud.outputs(VPC)["cidrBlock"] != before["cidrBlock"]


def test_a_provider_that_refuses_is_told_of_with_its_resource_and_what_helps(cloud: Cloudy):
    cloud.declare(net=cloud.outputs(VPC)["cidrBlock"], owner="bob")
    cloud.tiny.serve("well-once-more")
    cloud.plugins.fail("Update", VPC, error="quota")

    refused = cloud.tiny("up", "development").ok(RolledBack.exit_code)
    cloud.plugins.heal()
    cloud.tiny("up", "development").ok()

    assert f"{NET} ({VPC}): " in refused.stderr
    assert "you have reached the quota of this account" in refused.stderr
    assert "raise that limit, or remove what is not used any more" in refused.stderr
    assert cloud.outputs(VPC)["tags"] == {"owner": "bob"}


def test_what_is_protected_is_replaced_only_when_it_is_allowed_by_name(cloud: Cloudy):
    cloud.declare(net="10.2.0.0/16", zone="example.org", keep=True)
    cloud.tiny("up", "development").ok()
    cloud.declare(net="10.2.0.0/16", zone="example.com", keep=True)

    told = ("protected resources would be", "--allow-replace application-dns-zone")
    assert_refused(cloud.tiny("up", "development"), Blocked.exit_code, *told)
    assert cloud.outputs(ZONE)["name"] == "example.org"
    allowed = cloud.tiny("up", "development", "--allow-replace", "application-dns-zone").ok()

    assert "protection lifted for this update: application-dns-zone" in allowed.stderr
    # what is retained stays in the cloud when another takes its place
    zones = {str(each.outputs["name"]) for each in cloud.plugins.objects(ZONE)}
    assert zones == {"example.org", "example.com"}


def test_a_destroy_that_is_asked_for_succeeds_and_names_what_is_retained(cloud: Cloudy):
    destroyed = cloud.tiny("destroy", "development", "--yes").ok()

    assert "retained, and still to be paid for: application-dns-zone (aws:route53/zone:Zone, Z" in (
        destroyed.stdout
    )
    assert cloud.plugins.objects(VPC) == []
    assert len(cloud.plugins.objects(ZONE)) == 2
    cloud.tiny("up", "development").ok()
