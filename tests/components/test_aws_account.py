"""What holds for everything that the checked-in production declares at AWS, everybody told."""

import json
from typing import Any

import pytest

from components.contract import outputs
from components.secrets.derived import derived
from tests.components.aws import BALANCER, CLUSTER, SECRETS, at_aws, of_kind, takes_tags
from tests.components.clusters import GIVEN
from tests.components.stacks import CHANNELS, EVERYBODY, declared, packed, watched
from tests.components.stacks import SECRETS as GIVEN_SECRETS
from tests.doubles.clouds import ACCOUNT
from tests.doubles.program import Declared

TAGS = {"application", "environment", "release", "owner", "managed-by"}
EVERYWHERE = {"0.0.0.0/0", "::/0"}
KEY_POLICY, TOPIC_POLICY = "aws:kms/keyPolicy:KeyPolicy", "aws:sns/topicPolicy:TopicPolicy"
OF_A_RESOURCE = (KEY_POLICY, TOPIC_POLICY)
"""Policies that say who may use one thing: in a key's, `*` is that key."""


@pytest.fixture(scope="module")
def running() -> Declared:
    return watched("production")


def everything(**changes: Any) -> Declared:
    """Declare production anew, with another release too."""
    given = {**GIVEN_SECRETS, **CHANNELS}
    return declared("production", packed("2.0.0-bb"), given=given, **{**EVERYBODY, **changes})


def statements(found: Declared) -> list[tuple[str, str, str, dict[str, Any]]]:
    """List what is allowed: name, type, property and statement."""
    return [
        (name, kind, key, statement)
        for name, kind, given in at_aws(found)
        for key in ("policy", "assumeRolePolicy")
        if key in given
        for statement in json.loads(given[key])["Statement"]
        if statement["Effect"] == "Allow"
    ]


def test_every_channel_is_among_it(running: Declared) -> None:
    assert {f"application-monitoring-topics-{noun}" for noun in ("email", "pagerduty", "slack")} < (
        running.inputs.keys()
    )


def test_whatever_takes_tags_says_whose_it_is(running: Declared) -> None:
    untagged = {
        name for name, kind, given in at_aws(running) if takes_tags(kind) and not given.get("tags")
    }

    assert untagged == set()
    for name, _, given in at_aws(running):
        assert given.get("tags", dict.fromkeys(TAGS)).keys() >= TAGS, name


def test_what_belongs_to_no_release_is_not_touched_by_one(running: Declared) -> None:
    other = everything().inputs

    changed = {name for name, _, given in at_aws(running) if other[name] != given}
    assert changed == set()


def test_nobody_may_do_everything_or_something_to_everything(running: Declared) -> None:
    found = [each for each in statements(running) if each[1] not in OF_A_RESOURCE]

    assert found
    for name, _, key, statement in found:
        resources = statement.get("Resource", [] if key == "assumeRolePolicy" else "*")
        assert not any("*" in action for action in statement["Action"]), name
        assert "*" not in ([resources] if isinstance(resources, str) else resources), name
    for name, given in of_kind(
        running, "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    ).items():
        managed = given["policyArn"].rpartition("/")[2]
        assert not managed.endswith(("FullAccess", "AdministratorAccess")), name
        assert managed != "PowerUserAccess", name


def test_a_key_and_a_topic_let_in_their_account_and_its_alarms(running: Declared) -> None:
    found = [each for each in statements(running) if each[1] in OF_A_RESOURCE]

    assert {kind for _, kind, _, _ in found} == {*OF_A_RESOURCE}
    owner = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    for name, kind, _, statement in found:
        if statement["Principal"] == owner:
            assert kind == KEY_POLICY, name
            continue
        assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}, name
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}, name
        assert not any(action.endswith(":*") for action in statement["Action"]), name
        assert kind == KEY_POLICY or statement["Resource"] == running.inputs[name]["arn"], name


def test_no_secret_is_in_a_plain_property_or_output(running: Declared) -> None:
    seed = f"random-{SECRETS}-seed"
    made = (
        seed,
        derived(seed, {"SESSION_KEY": 32})["SESSION_KEY"],
        "made-password",
        "made-by-neon",
    )
    secrets = (GIVEN, *CHANNELS.values(), *made)
    told: dict[str, Any] = {
        name: {key: v for key, v in given.items() if key not in running.secret_inputs[name]}
        for name, given in running.inputs.items()
    }
    told |= {key: value for key, value in running.outputs.items() if not running.secret[key]}

    for name, plain in told.items():
        for secret in secrets:
            assert secret not in json.dumps(plain, default=str), name


def test_everything_is_made_by_the_provider_of_this_region_and_account() -> None:
    found = watched("production", aws_account=ACCOUNT, aws_region="eu-central-1")

    provider = found.inputs["application-aws"]
    assert provider["region"] == "eu-central-1"
    assert json.loads(provider["allowedAccountIds"]) == [ACCOUNT]
    assert of_kind(found, "pulumi:providers:aws").keys() == {"application-aws"}
    for name, kind, _ in at_aws(found):
        assert found.providers[name] == "application-aws", f"{name} ({kind})"


def test_no_credential_of_the_environment_is_among_the_inputs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(variable, "sentinel-of-a-credential")

    found = everything()

    assert "sentinel-of-a-credential" not in json.dumps(found.inputs, default=str)


def test_what_is_stored_is_encrypted_with_keys_that_are_turned_over(running: Declared) -> None:
    keys = of_kind(running, "aws:kms/key:Key")
    arns = {f"arn:aws:{name}" for name in keys}
    named = {
        "aws:eks/cluster:Cluster": lambda given: given["encryptionConfig"]["provider"]["keyArn"],
        "aws:secretsmanager/secret:Secret": lambda given: given["kmsKeyId"],
        "aws:sns/topic:Topic": lambda given: given["kmsMasterKeyId"],
    }

    assert all(given["enableKeyRotation"] for given in keys.values())
    for kind, key_of in named.items():
        found = of_kind(running, kind)
        assert found, kind
        assert {key_of(given) for given in found.values()} <= arns, kind
    secret = running.inputs[f"{CLUSTER}-control-plane"]["encryptionConfig"]["resources"]
    assert secret == ["secrets"]


def test_nothing_goes_over_a_line_without_tls_1_2_or_later(running: Declared) -> None:
    listeners = of_kind(running, "aws:lb/listener:Listener")
    served = {name for name, given in listeners.items() if given["protocol"] == "HTTPS"}

    assert served == {f"{BALANCER}-https"}
    for name, given in listeners.items():
        if name in served:
            assert given["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-"), name
        else:
            (action,) = given["defaultActions"]
            assert (action["type"], action["redirect"]["protocol"]) == ("redirect", "HTTPS"), name
    for name, given in of_kind(running, TOPIC_POLICY).items():
        denied = [s for s in json.loads(given["policy"])["Statement"] if s["Effect"] == "Deny"]
        assert [each["Condition"] for each in denied] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ], name
    assert running.outputs[outputs.DATABASE]["sslmode"] == "require"


def test_no_database_is_public_and_only_the_load_balancer_is_reached_from_everywhere(
    running: Declared,
) -> None:
    public = {
        (given["fromPort"], given["toPort"])
        for given in of_kind(
            running, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        ).values()
        if EVERYWHERE & {given.get("cidrIpv4"), given.get("cidrIpv6")}
    }
    services = of_kind(running, "kubernetes:core/v1:Service")

    assert public == {(80, 80), (443, 443)}
    for name, _, given in at_aws(running):
        assert "publiclyAccessible" not in given, f"{name}: a database of this account"
        assert not given.get("ingress"), name
        assert not given.get("mapPublicIpOnLaunch"), name
    assert services
    assert {given["spec"].get("type", "ClusterIP") for given in services.values()} == {"ClusterIP"}


def test_in_production_what_holds_state_is_neither_deleted_nor_replaced(running: Declared) -> None:
    keys = {"application-cluster-key", "application-secrets-key"}
    staging = watched("production", name="staging")

    assert keys <= running.kept
    assert {*keys, "application-monitoring-topics-key"} <= running.protected
    assert staging.protected == staging.kept == set()


def test_in_production_aws_refuses_to_delete_what_takes_requests_until_it_is_told() -> None:
    protected = {f"{CLUSTER}-control-plane": "deletionProtection"}
    protected |= {f"{BALANCER}-balancer": "enableDeletionProtection"}

    for found, expected in (
        (watched("production"), True),
        (watched("production", name="staging"), False),
        (watched("production", aws_deletion_protection=False), False),
    ):
        for name, key in protected.items():
            assert found.inputs[name][key] is expected
