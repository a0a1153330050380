"""What the doubles refuse, replace and compute, asked without an engine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.cluster import network_zones
from tests.doubles.plugins.cloud import Call, Cloud, Object
from tests.doubles.plugins.comparison import changes
from tests.doubles.plugins.fixture import Plugins
from tests.doubles.plugins.programs import load
from tests.doubles.plugins.provider import Making, Provider, Refused
from tests.doubles.plugins.shapes import shape
from tests.doubles.plugins.values import UNKNOWN, read, write

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SECRET = "aws:secretsmanager/secret:Secret"
ZONES = ("eu-central-1a", "eu-central-1b")


@pytest.fixture
def aws(plugins: Plugins) -> Provider:
    return load("aws")(plugins.cloud, {"region": "eu-central-1"})


@pytest.fixture
def kubernetes(plugins: Plugins) -> Provider:
    return load("kubernetes")(plugins.cloud, {})


def made(provider: Provider, token: str, name: str = "thing", /, **inputs: Any) -> Object:
    """Make something as the engine would: checked, and then created."""
    checked, found = provider.check(token, name, inputs, {}, b"seed")
    assert not found
    thing = provider.create(Making(provider, token, name, checked), f"urn::{name}")
    provider.cloud.put(thing)
    return thing


def replaced(provider: Provider, thing: Object, /, **inputs: Any) -> set[str]:
    """Return the properties for whose change a thing would be replaced."""
    new, found = provider.check(thing.type, thing.name, inputs, thing.inputs, b"seed")
    assert not found
    differ = changes(new, thing.outputs, thing.inputs, unordered=provider.unordered)
    assert differ
    forces = provider.forces(thing.type, thing.outputs, new)
    return {str(each.path[0]) for each in differ if each.replaces(forces)}


def workload(**spec: Any) -> dict[str, Any]:
    labels = {"app": "api"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "a", "image": "i"}]},
    }
    whole = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": whole}


@pytest.mark.parametrize(
    ("token", "inputs", "where", "why"),
    [
        (VPC, {"cidrBlok": "10.0.0.0/16"}, "cidrBlok", "unknown property"),
        (SUBNET, {"cidrBlock": "10.0.0.0/24"}, "vpcId", "missing required property"),
        (VPC, {"enableDnsSupport": "yes"}, "enableDnsSupport", "expected a boolean"),
        (VPC, {"cidrBlock": "10.0.0.0/8x"}, "cidrBlock", "does not appear to be"),
        (
            "aws:eks/cluster:Cluster",
            {"roleArn": "r", "vpcConfig": {"subnetIds": [], "subnets": []}},
            "vpcConfig.subnets",
            "unknown property",
        ),
        (
            "aws:lb/targetGroup:TargetGroup",
            {"name": "a-name-that-is-longer-than-32-characters"},
            "name",
            "longer than 32",
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"retentionInDays": 31},
            "retentionInDays",
            "expected one of",
        ),
        (
            "aws:lb/listenerRule:ListenerRule",
            {
                "listenerArn": "arn",
                "actions": [{"type": "fixed-response", "fixedResponse": {"contentType": "t"}}],
                "conditions": [{"pathPattern": {"values": ["/a", "/b", "/c", "/d", "/e", "/f"]}}],
            },
            "conditions",
            "at most 5 condition values",
        ),
        ("aws:iam/policy:Policy", {"policy": "{"}, "policy", "MalformedPolicyDocument"),
        ("aws:nowhere/thing:Thing", {}, "", "has no type"),
    ],
)
def test_inputs_that_aws_would_not_take_are_named(
    aws: Provider, token: str, inputs: dict[str, Any], where: str, why: str
) -> None:
    _, found = aws.check(token, "thing", inputs, {}, b"")

    assert [each[0] for each in found] == [where]
    assert why in found[0][1]


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        (workload(replica=1), "spec.replica"),
        (workload(replicas="2"), "spec.replicas"),
        (workload(selector={"matchLabels": {"app": "web"}}), "spec.template.metadata.labels"),
        ({**workload(), "metadata": {"name": "No_Name"}}, "metadata.name"),
        ({**workload(), "metadata": {"labels": {"release": "a" * 64}}}, "metadata.labels.release"),
    ],
)
def test_objects_that_an_api_server_would_not_take_are_named(
    kubernetes: Provider, inputs: dict[str, Any], where: str
) -> None:
    _, found = kubernetes.check(DEPLOYMENT, "api", inputs, {}, b"")

    assert [each[0] for each in found] == [where]


def test_what_does_not_exist_cannot_be_referred_to(aws: Provider, plugins: Plugins) -> None:
    with pytest.raises(Refused, match="VpcNotFound: the Vpc 'vpc-1' "):
        made(aws, SUBNET, vpcId="vpc-1", cidrBlock="10.0.0.0/24")

    plugins.exists(VPC, {"cidrBlock": "10.0.0.0/16"}, id="vpc-1")
    made(aws, SUBNET, vpcId="vpc-1", cidrBlock="10.0.0.0/24")
    with pytest.raises(Refused, match=r"InvalidSubnet\.Conflict"):
        made(aws, SUBNET, vpcId="vpc-1", cidrBlock="10.0.0.0/25")
    with pytest.raises(Refused, match=r"InvalidSubnet\.Range"):
        made(aws, SUBNET, vpcId="vpc-1", cidrBlock="10.1.0.0/24")


def test_what_is_in_use_cannot_be_deleted(aws: Provider) -> None:
    vpc = made(aws, VPC, cidrBlock="10.0.0.0/16")
    subnet = made(aws, SUBNET, vpcId=vpc.id, cidrBlock="10.0.0.0/24")

    with pytest.raises(Refused, match="DependencyViolation"):
        aws.delete(vpc)
    aws.cloud.remove(subnet)
    aws.delete(vpc)


def test_a_certificate_is_issued_when_its_record_is_there(aws: Provider) -> None:
    zone = made(aws, "aws:route53/zone:Zone", name="example.org")
    asked = {"domainName": "a.example.org", "validationMethod": "DNS"}
    certificate = made(aws, "aws:acm/certificate:Certificate", **asked)
    validation = {"certificateArn": certificate.id}
    with pytest.raises(Refused, match=r"no record proves a\.example\.org"):
        made(aws, "aws:acm/certificateValidation:CertificateValidation", **validation)

    option = certificate.outputs["domainValidationOptions"][0]
    record = {"name": option["resourceRecordName"], "type": "CNAME", "ttl": 60}
    value = [option["resourceRecordValue"]]
    made(aws, "aws:route53/record:Record", zoneId=zone.id, records=value, **record)
    made(aws, "aws:acm/certificateValidation:CertificateValidation", **validation)
    with pytest.raises(Refused, match="HostedZoneNotEmpty"):
        aws.delete(zone)


def clustered(aws: Provider, plugins: Plugins, **inputs: Any) -> Object:
    """Make a cluster in two zones."""
    for zone in ZONES:
        plugins.exists(SUBNET, {"availabilityZone": zone, "vpcId": "vpc-1"}, id=f"in-{zone}")
    plugins.exists("aws:iam/role:Role", {"arn": "arn:role"}, id="role")
    inside = {"roleArn": "arn:role", "vpcConfig": {"subnetIds": [f"in-{zone}" for zone in ZONES]}}
    return made(aws, "aws:eks/cluster:Cluster", name="shop", version="1.33", **inside, **inputs)


@pytest.mark.parametrize("region", ["us-east-1", "us-west-1", "ca-central-1"])
def test_a_control_plane_is_refused_in_a_zone_that_eks_has_no_room_in(
    plugins: Plugins, region: str
) -> None:
    aws = load("aws")(plugins.cloud, {"region": region})
    plugins.exists("aws:iam/role:Role", {"arn": "arn:role"}, id="role")

    def placed(name: str, **without: Any) -> Object:
        names = aws.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", without)["names"]
        for zone in names:
            plugins.exists(SUBNET, {"availabilityZone": zone, "vpcId": "vpc-1"}, id=f"in-{zone}")
        inside = {"subnetIds": [f"in-{zone}" for zone in names]}
        return made(aws, "aws:eks/cluster:Cluster", name=name, roleArn="arn:role", vpcConfig=inside)

    with pytest.raises(Refused, match="UnsupportedAvailabilityZoneException"):
        placed("everywhere")
    placed("elsewhere", excludeZoneIds=network_zones.REFUSED)


@pytest.mark.parametrize("guarded", [True, False])
def test_a_control_plane_that_is_protected_from_deletion_stays(
    aws: Provider, plugins: Plugins, guarded: bool
) -> None:
    cluster = clustered(aws, plugins, deletionProtection=guarded)

    if guarded:
        with pytest.raises(Refused, match="deletion protection"):
            aws.delete(cluster)
    else:
        aws.delete(cluster)


def test_a_control_plane_goes_up_by_one_minor_version_and_never_back(
    aws: Provider, plugins: Plugins
) -> None:
    cluster = clustered(aws, plugins)

    def upgraded(version: str) -> Object:
        inputs = {**cluster.inputs, "version": version}
        return aws.update(Making(aws, cluster.type, "thing", inputs, cluster))

    after = upgraded("1.34")
    assert after.outputs["version"] == "1.34"
    assert after.outputs["endpoint"] == cluster.outputs["endpoint"]
    assert after.outputs["vpcConfig"] == cluster.outputs["vpcConfig"]
    for version in ("1.32", "1.35"):
        with pytest.raises(Refused, match="Unsupported Kubernetes minor version update"):
            upgraded(version)


def test_the_name_of_a_deleted_secret_is_not_free_at_once(aws: Provider) -> None:
    kept = made(aws, SECRET, name="token")
    aws.delete(kept)
    aws.cloud.remove(kept)
    with pytest.raises(Refused, match="scheduled for deletion"):
        made(aws, SECRET, name="token")

    gone = made(aws, SECRET, name="other", recoveryWindowInDays=0)
    aws.delete(gone)
    aws.cloud.remove(gone)
    made(aws, SECRET, name="other")


@pytest.mark.parametrize(
    ("token", "old", "new", "expected"),
    [
        (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, {"cidrBlock"}),
        (VPC, {"tags": {"release": "1"}}, {"tags": {"release": "2"}}, set()),
        (SECRET, {"name": "one"}, {"name": "two"}, {"name"}),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"retentionInDays": 7},
            {"retentionInDays": 30},
            set(),
        ),
        ("aws:sqs/queue:Queue", {"name": "one"}, {"name": "two"}, {"name"}),
    ],
)
def test_aws_replaces_for_names_zones_and_immutable_fields_only(
    aws: Provider, token: str, old: Any, new: Any, expected: set[str]
) -> None:
    assert replaced(aws, made(aws, token, **old), **new) == expected


def test_kubernetes_replaces_for_names_and_immutable_fields_only(kubernetes: Provider) -> None:
    deployment = made(kubernetes, DEPLOYMENT, **workload(replicas=1))
    assert replaced(kubernetes, deployment, **workload(replicas=2)) == set()
    named = {**workload(replicas=1), "metadata": {"name": "another"}}
    assert replaced(kubernetes, deployment, **named) == {"metadata"}

    about = {"apiVersion": "v1", "kind": "ConfigMap"}
    settings = made(kubernetes, "kubernetes:core/v1:ConfigMap", data={"a": "1"}, **about)
    assert replaced(kubernetes, settings, data={"a": "2"}, **about) == {"data"}


def test_a_chosen_name_stays(kubernetes: Provider, aws: Provider) -> None:
    for provider, token, inputs in (
        (kubernetes, DEPLOYMENT, workload()),
        (aws, "aws:sns/topic:Topic", {}),
    ):
        first, _ = provider.check(token, "thing", inputs, {}, b"one")
        again, _ = provider.check(token, "thing", inputs, first, b"two")
        other, _ = provider.check(token, "thing", inputs, {}, b"two")
        assert first == again != other


def test_a_custom_resource_needs_somebody_who_installed_it(kubernetes: Provider) -> None:
    about = {"apiVersion": "example.org/v1", "kind": "Thing", "spec": {}}
    with pytest.raises(Refused, match='no matches for kind "Thing" in version "example'):
        made(kubernetes, "kubernetes:example.org/v1:Thing", **about)

    kubernetes.cloud.note("groups", ["example.org"])
    made(kubernetes, "kubernetes:example.org/v1:Thing", **about)


def test_clusters_do_not_see_one_another(plugins: Plugins) -> None:
    one, other = (
        load("kubernetes")(plugins.cloud, {"clusterIdentifier": name}) for name in ("one", "other")
    )
    made(one, DEPLOYMENT, **workload(), metadata={"name": "api"})
    made(other, DEPLOYMENT, **workload(), metadata={"name": "api"})

    with pytest.raises(Refused, match="already exists"):
        made(one, DEPLOYMENT, **workload(), metadata={"name": "api"})
    kubeconfig = {"clusters": [{"name": "c", "cluster": {"server": "https://one"}}]}
    elsewhere = {"clusters": [{"name": "c", "cluster": {"server": "https://two"}}]}
    assert one.replaces_itself({"kubeconfig": kubeconfig}, {"kubeconfig": elsewhere})
    assert not one.replaces_itself({"kubeconfig": kubeconfig}, {"kubeconfig": kubeconfig})


def test_everything_is_tagged_anew_when_the_providers_tags_change(
    aws: Provider, plugins: Plugins
) -> None:
    vpc = made(aws, VPC, cidrBlock="10.0.0.0/16")
    tagging = load("aws")(
        plugins.cloud, {"region": "eu-central-1", "defaultTags": {"tags": {"release": "2"}}}
    )

    assert [each.text for each in tagging.differs(VPC, vpc.outputs, vpc.inputs)] == ["tagsAll"]
    assert list(aws.differs(VPC, vpc.outputs, vpc.inputs)) == []


def test_every_type_of_the_tables_is_one_of_the_sdks(aws: Provider) -> None:
    for token, kind in aws.kinds.items():
        if not token.startswith("aws:alb/"):
            _known(aws, token, {path.partition(".")[0] for path in kind.forces} | {*kind.unique})
    vercel = load("vercel")
    for token, kind in vercel.kinds.items():
        _known(vercel(aws.cloud), token, set(kind.forces))


def _known(provider: Provider, token: str, forces: set[str]) -> None:
    form = shape(provider.package, token)
    assert form, token
    assert forces - form["inputs"].keys() == set(), token


@pytest.mark.parametrize(
    ("new", "state", "old", "expected"),
    [
        ({"a": [1, 2]}, {"a": [2, 1]}, {"a": [2, 1]}, []),
        ({"a": '{"x": 1}'}, {"a": '{"x":1}'}, {"a": '{"x":1}'}, []),
        ({"a": {"b": 1}}, {"a": {"b": 1, "made": 2}}, {"a": {"b": 1}}, []),
        ({"a": {}}, {"a": {"b": 1}}, {"a": {"b": 1}}, [("a.b", "delete")]),
        ({"a": UNKNOWN}, {"a": "x"}, {"a": "x"}, [("a", "update")]),
        ({"a": [{"b": 2}]}, {"a": [{"b": 1}]}, {"a": [{"b": 1}]}, [("a[0].b", "update")]),
        ({"a": 1}, {}, {}, [("a", "add")]),
        ({"a": {"x.y/z": 1}}, {"a": {}}, {}, [('a["x.y/z"]', "add")]),
    ],
)
def test_only_what_the_program_says_differs(
    new: Mapping[str, Any], state: Any, old: Any, expected: list[Any]
) -> None:
    found = changes(new, state, old, unordered=True)

    assert [(each.text, each.how) for each in found] == expected


def test_values_keep_their_secrets_on_the_way() -> None:
    values = {"a": {"b": ["plain", "hidden"]}, "n": 1, "f": 1.5, "t": True, "u": UNKNOWN}
    secrets = {("a", "b", 1)}

    assert read(write(values, secrets)) == (values, secrets)


def test_faults_strike_the_nth_call_and_only_so_often(plugins: Plugins) -> None:
    plugins.fail("Create", "aws:*", nth=2, times=2)
    call = Call("aws", "Create", type=VPC)
    other = replace(call, method="Update")

    assert [bool(plugins.cloud.fault(c)) for c in (call, other, call, call, call)] == [
        *(False, False, True, True, False)
    ]
    assert not plugins.cloud.fault(replace(call, preview=True))


def test_a_test_settles_what_only_the_cloud_would_know(aws: Provider, plugins: Plugins) -> None:
    token = "aws:elasticache/cluster:Cluster"
    plugins.answer(token, "cache", configurationEndpoint="127.0.0.1:1")

    assert made(aws, token, "cache").outputs["configurationEndpoint"] == "127.0.0.1:1"
    plugins.answer(token, "cache", configurationEndpoint="127.0.0.1:2")
    assert plugins.object(token).outputs["configurationEndpoint"] == "127.0.0.1:2"


def test_a_folder_is_shared_by_several_processes(tmp_path: Path) -> None:
    one, other = Cloud(tmp_path), Cloud(tmp_path)
    thing = Object("aws", VPC, "vpc-1", outputs={"a": 1})
    one.put(thing)
    assert other.objects() == [thing]
    other.put(replace(thing, outputs={"a": 2}))
    assert one.get("aws", VPC, "vpc-1") == replace(thing, outputs={"a": 2})
    other.remove(thing)
    assert one.objects() == []
