"""A Docker Compose file, made of what is declared."""

from dataclasses import replace
from pathlib import Path

import yaml

from automation.manifests.compose import FILE, files
from automation.manifests.declared import Plan, Resource
from tests.automation.manifests.schemas import problems


def test_a_validator_of_compose_takes_it(either: Plan, tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(files(either)[FILE])

    assert problems("vendor.compose-spec", file) == ""


def test_a_validator_of_compose_does_not_take_anything(either: Plan, tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(files(either)[FILE].replace("read_only:", "readonly:"))

    assert "readonly" in problems("vendor.compose-spec", file)


def test_the_live_slot_runs_as_it_does_in_the_cluster(staging: Plan) -> None:
    services = yaml.safe_load(files(staging)[FILE])["services"]

    assert list(services) == ["backend-blue"]
    service = services["backend-blue"]
    assert service["image"].endswith("@sha256:${IMAGE_DIGEST}")
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["deploy"]["replicas"] == staging.settings.backend_replicas
    assert service["deploy"]["resources"]["limits"] == {"memory": "512m"}


def test_a_slot_that_is_kept_warm_does_not_run(staging: Plan) -> None:
    def warm(each: Resource) -> Resource:
        if each.name != "application-backend-green":
            return each
        return replace(each, inputs={**each.inputs, "spec": {**each.inputs["spec"], "replicas": 2}})

    both = replace(staging, resources=tuple(warm(each) for each in staging.resources))

    assert both != staging
    assert list(yaml.safe_load(files(both)[FILE])["services"]) == ["backend-blue"]


def test_a_secret_has_to_be_given_by_whoever_starts_it(either: Plan) -> None:
    (service,) = yaml.safe_load(files(either)[FILE])["services"].values()

    assert service["environment"]["DATABASE_URL"] == "${DATABASE_URL:?}"
