"""State in S3 and a key of AWS KMS, as moto emulates both: the engine itself speaks to them."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import yaml

from automation.errors import Busy
from tests.doubles import moto
from tests.integration.driver import Slipway
from tests.integration.tiny import QUICK, Tiny, assert_refused, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("state backends")]
BUCKET, PREFIX, REGION = "acme-state", "shop", "eu-central-1"
STACK = f"{PREFIX}/.pulumi/stacks/slipway/development.json"
LOCK = f"{PREFIX}/.pulumi/locks/organization/slipway/development/1b6c.json"
ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}


@dataclass
class InS3:
    """An installation with its state in a bucket, and that bucket."""

    tiny: Tiny
    s3: Any

    def read(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def write(self, key: str, content: Any) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(content).encode())

    def objects(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [each["Key"] for each in listed]

    def locked(self, host: str, pid: int) -> None:
        """Leave a lock of the engine's behind."""
        now = datetime.now(UTC).isoformat()
        owner = {"pid": pid, "username": "ada", "hostname": host, "timestamp": now}
        self.write(LOCK, owner)


@pytest.fixture(scope="module")
def installed() -> Iterator[InS3]:
    with moto.serving() as url, tiny() as made:
        given: dict[str, Any] = {"endpoint_url": url, "region_name": REGION}
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        s3 = boto3.client("s3", **given, **keys)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        kms = boto3.client("kms", **given, **keys)
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/state", TargetKeyId=key)
        place = f"s3://{BUCKET}/{PREFIX}?region={REGION}&endpoint={url}&s3ForcePathStyle=true"
        config = {
            **QUICK,
            "slipway:application": str(made.application),
            "slipway:healthTimeoutSeconds": "60",
        }
        provider = f"awskms://alias/state?region={REGION}&awssdk=v2&endpoint={url}"
        content = {"config": {**config, "slipway:stateBackend": place}, "secretsprovider": provider}
        made.stack_file(yaml.safe_dump(content))
        made.slipway.variables |= ACCESS
        made("up", "development").ok()
        yield InS3(made, s3)
        made("destroy", "development", "--yes").ok()


def test_the_state_is_in_the_bucket_alone_and_its_secrets_are_not_readable_there(installed: InS3):
    secrets = installed.tiny.slipway.outputs("development", secrets=True)["database"]

    assert STACK in installed.objects()
    assert not list((installed.tiny.home / "state").rglob("*.json"))
    for key in installed.objects():
        content = installed.read(key)
        for name in ("password", "owner_password", "admin_password"):
            assert secrets[name].encode() not in content


def test_the_encrypted_key_is_kept_beside_and_the_checked_in_file_is_not_written(
    installed: InS3,
):
    own = yaml.safe_load((installed.tiny.slipway.checkout / "Pulumi.development.yaml").read_text())
    kept = installed.tiny.home / "development" / "Pulumi.development.yaml"

    assert "encryptedkey" not in own
    assert yaml.safe_load(kept.read_text())["encryptedkey"]
    assert not (installed.tiny.home / "passphrase").exists()


def test_another_machine_reads_what_is_live_with_the_key_alone(installed: InS3):
    tiny = installed.tiny
    other = Slipway(tiny.slipway.folder / "other", tiny.slipway.checkout, dict(ACCESS))

    found = other("status", "development", "--json").ok().json

    assert found["release"] == tiny.status()["release"]
    assert other.outputs("development", secrets=True)["database"]["password"]


def test_a_change_is_previewed_deployed_and_taken_back(installed: InS3):
    first = installed.tiny.status()["release"]
    installed.tiny.serve("well-again")

    assert not installed.tiny("preview", "development", "--json").ok().json["unchanged"]
    installed.tiny("up", "development").ok()
    second = installed.tiny.status()["release"]
    installed.tiny("rollback", "development").ok()

    assert second != first
    installed.tiny.serves(first)


def test_the_lock_of_a_dead_engine_is_taken_away(installed: InS3):
    ended = subprocess.Popen(["true"])
    ended.wait()
    installed.locked(socket.gethostname(), ended.pid)

    installed.tiny("up", "development").ok()

    assert LOCK not in installed.objects()


@pytest.mark.parametrize("host", ["another.example", socket.gethostname()])
def test_a_lock_whose_owner_may_live_stays_and_names_him(installed: InS3, host: str):
    installed.locked(host, os.getpid())
    told = f"ada@{host} (process {os.getpid()}), since "

    assert_refused(installed.tiny("up", "development"), Busy.exit_code, told)

    assert LOCK in installed.objects()
    installed.s3.delete_object(Bucket=BUCKET, Key=LOCK)


def test_an_operation_that_a_killed_engine_left_is_forgotten_and_looked_at_again(installed: InS3):
    state = json.loads(installed.read(STACK))
    latest = state["checkpoint"]["latest"]
    resource = next(each for each in latest["resources"] if "dynamic/local" in each["type"])
    latest["pending_operations"] = [{"resource": resource, "type": "updating"}]
    installed.write(STACK, state)

    ran = installed.tiny("up", "development").ok()

    name = resource["urn"].rpartition("::")[2]
    assert f"an update was killed while it changed {name}" in ran.stderr
    assert "pending_operations" not in installed.read(STACK).decode()
