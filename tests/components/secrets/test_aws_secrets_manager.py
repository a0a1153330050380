"""What the program declares of secrets in AWS Secrets Manager."""

import json
from typing import Any

import pytest

from components.contract import outputs
from components.contract.settings import Settings
from components.secrets.derived import derived
from tests.components.aws import SECRETS, of_kind, usual
from tests.components.clusters import GIVEN
from tests.doubles.program import Declared

SECRET = "aws:secretsmanager/secret:Secret"
BUNDLE = "application-backend-blue-secrets-bundle"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:rotate"


@pytest.fixture(scope="module")
def running() -> Declared:
    return usual()


def test_the_secret_variables_of_each_slot_are_one_secret(running: Declared) -> None:
    content = json.loads(running.inputs[f"{BUNDLE}-version"]["secretString"])

    assert len(of_kind(running, SECRET)) == 2
    assert content.keys() == {"DATABASE_URL", "MAIL_TOKEN", "SESSION_KEY"}
    assert content["MAIL_TOKEN"] == GIVEN
    assert "secretString" in running.secret_inputs[f"{BUNDLE}-version"]


def test_a_name_is_free_again_at_once_after_a_deletion(running: Declared) -> None:
    bundle = running.inputs[BUNDLE]

    assert bundle["namePrefix"].startswith("todo-production/")
    assert "name" not in bundle


@pytest.mark.parametrize(("environment", "days"), [("production", 30), ("staging", 7)])
def test_what_was_deleted_can_come_back_for_a_while(environment: str, days: int) -> None:
    found = usual(environment)

    assert found.inputs[BUNDLE]["recoveryWindowInDays"] == days


def test_all_are_encrypted_with_a_key_of_this_environment(running: Declared) -> None:
    key = f"arn:aws:{SECRETS}-key"

    assert {each["kmsKeyId"] for each in of_kind(running, SECRET).values()} == {key}
    assert running.inputs[f"{SECRETS}-key"]["enableKeyRotation"] is True


def test_the_pods_of_the_backend_read_these_secrets_and_nothing_else(running: Declared) -> None:
    identity = running.inputs[f"{SECRETS}-reader-identity"]
    reading = json.loads(running.inputs[f"{BUNDLE}-reading"]["policy"])["Statement"]
    trusted = json.loads(running.inputs[f"{SECRETS}-reader"]["assumeRolePolicy"])["Statement"]

    assert (identity["namespace"], identity["serviceAccount"]) == ("todo-production", "backend")
    assert identity["roleArn"] == f"arn:aws:{SECRETS}-reader"
    assert [each["Resource"] for each in reading] == [f"arn:aws:{BUNDLE}", f"arn:aws:{SECRETS}-key"]
    assert reading[1]["Action"] == ["kms:Decrypt"]
    assert reading[1]["Condition"]["StringEquals"] == {
        "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"
    }
    assert trusted == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    ]


def test_pods_are_told_where_their_secrets_are_and_not_what_they_are(running: Declared) -> None:
    provided = running.inputs["application-backend-blue-secrets"]["spec"]["parameters"]

    assert f"arn:aws:{BUNDLE}" in provided["objects"]
    assert "objectVersion: version-" in provided["objects"]
    assert provided["usePodIdentity"] == "true"
    assert GIVEN not in json.dumps(provided)


def test_pods_start_when_they_may_read(running: Declared) -> None:
    waits = running.dependencies["application-backend-blue-secrets"]

    assert {f"{BUNDLE}-reading", f"{SECRETS}-reader-identity", f"{BUNDLE}-version"} <= waits


def test_what_nobody_gave_comes_from_one_random_value(running: Declared) -> None:
    values = running.outputs[outputs.SECRETS]

    assert running.secret[outputs.SECRETS]
    assert (
        values["SESSION_KEY"]
        == derived(f"random-{SECRETS}-seed", {"K": 32, "SESSION_KEY": 32})["SESSION_KEY"]
    )
    assert values["MAIL_TOKEN"] == GIVEN


def test_the_same_content_is_the_same_version(running: Declared) -> None:
    again = usual().inputs

    assert again[f"{BUNDLE}-version"] == running.inputs[f"{BUNDLE}-version"]


def test_nobody_rotates_unless_asked_to(running: Declared) -> None:
    rotation = "aws:secretsmanager/secretRotation:SecretRotation"
    found = usual(secrets_rotation_days=30, secrets_rotation_lambda=FUNCTION)

    assert of_kind(running, rotation) == {}
    rotating = found.inputs[f"{BUNDLE}-rotation"]
    assert rotating["rotationLambdaArn"] == FUNCTION
    assert rotating["rotationRules"] == {"automaticallyAfterDays": 30}
    # The newest version is the one to read, whoever made it.
    provided = found.inputs["application-backend-blue-secrets"]["spec"]["parameters"]["objects"]
    assert "objectVersion" not in provided


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"secrets_rotation_days": 30}, "secretsRotationDays needs secretsRotationLambda"),
        ({"secrets_rotation_lambda": "rotate"}, "secrets_rotation_lambda"),
    ],
)
def test_a_rotation_by_nobody_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Settings(**changes)


def test_a_cluster_that_is_not_at_aws_is_refused() -> None:
    with pytest.raises(ValueError, match="needs slipway:backendPlatform aws_eks"):
        usual(
            backend_platform="kubernetes",
            load_balancer_platform="gateway",
            certificate_platform="cert_manager",
            dns_platform="none",
            kubernetes_gateway_class="eg",
        )
