"""The typed configuration and the file that documents it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from automation.reference.project import declared
from components.contract.names import PROJECT
from components.contract.settings import Settings
from components.contract.settings_file import SettingsInvalid, keys, settings_from

ROOT = Path(__file__).resolve().parents[3]
DECLARED: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]


def test_pulumi_yaml_declares_every_key_as_the_model_has_it_and_no_other() -> None:
    assert list(DECLARED) == [f"{PROJECT}:{key}" for key in keys()]
    assert declared() == DECLARED, "run `python -m automation.reference`"


def test_what_the_engine_would_hand_over_by_default_is_the_models_default() -> None:
    defaults = {key: each["default"] for key, each in DECLARED.items()}
    texts = {k: json.dumps(v) if isinstance(v, list) else str(v) for k, v in defaults.items()}
    handed = {key.removeprefix(f"{PROJECT}:"): text for key, text in texts.items()}

    assert settings_from(handed, "Pulumi.yaml") == Settings()


def test_the_defaults_are_valid() -> None:
    assert Settings.model_validate(Settings().model_dump()) == Settings()


@pytest.mark.parametrize("stack", ["development", "staging", "production"])
def test_every_stack_file_is_valid(stack: str) -> None:
    name = f"Pulumi.{stack}.yaml"
    values = yaml.safe_load((ROOT / name).read_text())["config"]

    found = settings_from({key.removeprefix(f"{PROJECT}:"): v for key, v in values.items()}, name)

    assert found.application == "examples/todo"


def test_values_come_as_text_from_the_engine() -> None:
    settings = settings_from({"backendReplicas": "3", "rollbackEnabled": "false"}, "f.yaml")

    assert (settings.backend_replicas, settings.rollback_enabled) == (3, False)


def test_an_unknown_key_names_the_file_and_the_nearest_key() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        settings_from({"backendReplica": 2}, "Pulumi.staging.yaml")

    assert refused.value.problems == [
        "Pulumi.staging.yaml: unknown key slipway:backendReplica; "
        "did you mean slipway:backendReplicas?"
    ]


def test_a_key_like_no_other_lists_all_of_them() -> None:
    with pytest.raises(SettingsInvalid, match=r"known keys: .*application, strategy"):
        settings_from({"xyzzy": 2}, "f.yaml")


def test_all_problems_are_told_at_once() -> None:
    wrong = {
        "strategi": "blue_green",
        "strategy": "big_bang",
        "backendReplicas": "0",
        "publicPort": "http",
        "domain": "https://example.com",
    }

    with pytest.raises(SettingsInvalid) as refused:
        settings_from(wrong, "f.yaml")

    problems = refused.value.problems
    assert len(problems) == 5
    for key in wrong:
        assert any(f"slipway:{key}" in problem for problem in problems), key


@pytest.mark.parametrize("python_name", ["backend_replicas", "Backendreplicas"])
def test_a_key_is_written_in_one_way_only(python_name: str) -> None:
    with pytest.raises(SettingsInvalid, match="did you mean slipway:backendReplicas"):
        settings_from({python_name: 2}, "f.yaml")


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", "us-isob-east-1"])
def test_a_region_whose_arns_are_others_is_refused_by_its_key(region: str) -> None:
    with pytest.raises(
        SettingsInvalid, match=r"f\.yaml: slipway:awsRegion: .*partition of its own"
    ):
        settings_from({"awsRegion": region}, "f.yaml")


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-2", "il-central-1"])
def test_any_other_region_is_taken(region: str) -> None:
    assert settings_from({"awsRegion": region}, "f.yaml").aws_region == region
