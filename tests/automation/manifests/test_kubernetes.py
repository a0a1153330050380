"""Kubernetes YAML, made of what is declared."""

import re
from typing import Any

import yaml

from automation.manifests.declared import Plan
from automation.manifests.kubernetes import files

README, LIST = "kubernetes/README.md", "kubernetes/kustomization.yaml"


def objects(plan: Plan) -> dict[str, dict[str, Any]]:
    return {
        name: yaml.safe_load(text)
        for name, text in files(plan).items()
        if name not in (README, LIST)
    }


def test_every_declared_object_has_a_file_and_is_listed(either: Plan) -> None:
    found = objects(either)
    listed = yaml.safe_load(files(either)[LIST])["resources"]

    assert [f"kubernetes/{name}" for name in listed] == list(found)
    kinds = [each["kind"] for each in found.values()]
    assert kinds[0] == "Namespace"
    assert kinds.count("Deployment") == kinds.count("Service") == 2
    every = either.of_package("kubernetes")
    wanted = {each.name for each in every if not each.type.endswith(":Secret")}
    assert len(found) == len(wanted)


def test_secrets_are_named_and_not_written(staging: Plan) -> None:
    found = objects(staging)
    text = files(staging)[README]

    assert "Secret" not in {each["kind"] for each in found.values()}
    named = found["kubernetes/deployment-backend-blue.yaml"]["spec"]["template"]["spec"]
    secret = named["containers"][0]["envFrom"][0]["secretRef"]["name"]
    assert f"create secret generic {secret} --namespace todo-staging" in text
    assert "`DATABASE_URL`" in text


def test_what_only_a_cloud_knows_is_a_variable_that_is_explained(production: Plan) -> None:
    written = files(production)
    explained = set(re.findall(r"^- `(\w+)`:", written[README], re.MULTILINE))
    used = {
        name
        for file, text in written.items()
        if file.endswith(".yaml")
        for name in re.findall(r"\$\{(\w+)\}", text)
    }

    assert used == explained
    assert {"LOAD_BALANCER_BLUE_ARN", "IMAGE_DIGEST"} <= used


def test_nothing_is_left_that_only_the_engine_understands(either: Plan) -> None:
    for name, text in files(either).items():
        assert "pulumi.com/" not in text, name
        assert "{{" not in re.sub(r"\{\{ ", "", text) or "rule" in name or "dashboard" in name, name


def test_the_same_is_written_each_time(staging: Plan) -> None:
    assert files(staging) == files(staging)
