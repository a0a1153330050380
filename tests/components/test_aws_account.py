"""What holds for everything that the program declares at AWS."""

import importlib
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.secrets.derived import derived
from tests.components.aws import BALANCER, CLUSTER, SECRETS, declared, of_kind, usual
from tests.components.clusters import GIVEN, released
from tests.components.examples import live
from tests.doubles.program import Declared

LIMITS = {
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:eks/cluster:Cluster": 100,
    "aws:kms/alias:Alias": 256,
}
TAGS = {"application", "environment", "release", "owner", "managed-by"}


@pytest.fixture(scope="module")
def running() -> Declared:
    return usual()


def at_aws(found: Declared) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, path in found.types().items():
        kind = path.rpartition("$")[2]
        if kind.startswith("aws:"):
            yield name, kind, found.inputs[name]


def takes_tags(kind: str) -> bool:
    _, module, name = kind.split(":")
    package = importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}")
    return "tags" in inspect.signature(getattr(package, name)._internal_init).parameters


def test_whatever_takes_tags_says_whose_it_is(running: Declared) -> None:
    untagged = {
        name for name, kind, given in at_aws(running) if takes_tags(kind) and not given.get("tags")
    }

    assert untagged == set()
    for name, _, given in at_aws(running):
        assert given.get("tags", dict.fromkeys(TAGS)).keys() >= TAGS, name


def test_what_belongs_to_no_release_is_not_touched_by_one(running: Declared) -> None:
    other = declared(live(released("2.0.0-bb"))).inputs

    changed = {name for name, _, given in at_aws(running) if other[name] != given}
    assert changed == set()


def test_nobody_may_do_everything_or_something_to_everything(running: Declared) -> None:
    documents = [
        (name, key, given[key])
        for name, _, given in at_aws(running)
        for key in ("policy", "assumeRolePolicy")
        if key in given
    ]
    assert documents
    for name, key, text in documents:
        for statement in json.loads(text)["Statement"]:
            actions = statement["Action"]
            resources = statement.get("Resource", [] if key == "assumeRolePolicy" else "*")
            assert not any("*" in action for action in actions), name
            assert "*" not in ([resources] if isinstance(resources, str) else resources), name


@pytest.mark.parametrize("application", ["examples/todo", f"apps/{'long-name-' * 9}"], ids=len)
def test_names_are_within_the_limits_of_their_services(application: str) -> None:
    found = usual("production-of-the-second-region", application=application)

    for kind, limit in LIMITS.items():
        for name, given in of_kind(found, kind).items():
            assert 0 < len(given["name"]) <= limit, name
    groups = [given["name"] for given in of_kind(found, "aws:lb/targetGroup:TargetGroup").values()]
    assert len({*groups}) == len(groups) == 2


def test_no_secret_is_in_a_plain_property(running: Declared) -> None:
    seed = f"random-{SECRETS}-seed"
    secrets = (GIVEN, seed, derived(seed, {"SESSION_KEY": 32})["SESSION_KEY"], "made-password")
    elsewhere = {
        name for name, path in running.types().items() if "pulumi-python:dynamic" not in path
    }
    for name in elsewhere & running.inputs.keys():
        secret_inputs = running.secret_inputs[name]
        plain = {key: v for key, v in running.inputs[name].items() if key not in secret_inputs}
        for secret in secrets:
            assert secret not in json.dumps(plain, default=str), name


def test_everything_is_made_by_the_provider_of_this_region_and_account() -> None:
    found = usual(aws_account="123456789012")

    provider = found.inputs["application-aws"]
    assert provider["region"] == "eu-central-1"
    assert json.loads(provider["allowedAccountIds"]) == ["123456789012"]
    assert of_kind(found, "pulumi:providers:aws").keys() == {"application-aws"}
    for name, kind, _ in at_aws(found):
        assert found.providers[name] == "application-aws", f"{name} ({kind})"


def test_no_credential_of_the_environment_is_among_the_inputs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(variable, "sentinel-of-a-credential")

    found = usual()

    assert "sentinel-of-a-credential" not in json.dumps(found.inputs, default=str)


def test_in_production_what_holds_state_is_neither_deleted_nor_replaced(running: Declared) -> None:
    keys = {"application-cluster-key", "application-secrets-key"}

    assert keys <= running.kept
    assert not keys & usual("staging").kept


def test_in_production_aws_refuses_to_delete_what_takes_requests_until_it_is_told() -> None:
    protected = {f"{CLUSTER}-control-plane": "deletionProtection"}
    protected |= {f"{BALANCER}-balancer": "enableDeletionProtection"}

    for found, expected in (
        (usual(), True),
        (usual("staging"), False),
        (usual(aws_deletion_protection=False), False),
    ):
        for name, key in protected.items():
            assert found.inputs[name][key] is expected
