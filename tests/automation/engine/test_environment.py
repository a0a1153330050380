import os
import stat
from pathlib import Path

import pytest
import yaml

from automation.engine.environment import SALT, EngineEnvironment
from automation.engine.passphrase import VARIABLES
from automation.errors import Blocked, Busy, InvalidInput
from automation.home import PROJECT, Home
from components.contract.outputs import HOME_VARIABLE
from components.contract.platforms import REGISTRIES
from tests.doubles.clock import FakeClock

CHECKED_IN = PROJECT / "Pulumi.staging.yaml"


@pytest.fixture
def environment(tmp_path, monkeypatch) -> EngineEnvironment:
    for name in (*VARIABLES, "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)
    home = Home(tmp_path / "home")
    return EngineEnvironment(home=home, stack="staging", tools=Path("/tools"), clock=FakeClock())


def copy_of(environment: EngineEnvironment) -> dict:
    return yaml.safe_load(environment.config_file.read_text())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_copy_says_what_the_checked_in_file_says_and_that_file_is_left_alone(environment):
    before = CHECKED_IN.read_bytes(), CHECKED_IN.stat().st_mtime_ns

    environment.prepare()

    assert copy_of(environment)["config"] == yaml.safe_load(before[0])["config"]
    assert (CHECKED_IN.read_bytes(), CHECKED_IN.stat().st_mtime_ns) == before


def test_the_platform_of_each_concern_is_read_from_the_checked_in_file(environment):
    found = {concern: environment.platform(concern) for concern in REGISTRIES}

    assert found == {
        "frontend": "vercel",
        "backend": "kubernetes",
        "database": "neon",
        "load_balancer": "gateway",
        "certificate": "cert_manager",
        "dns": "",
        "secrets": "",
        "monitoring": "prometheus",
    }


def test_the_copy_keeps_the_salt_and_the_secrets_of_this_installation(environment, tmp_path):
    environment.prepare()
    written = tmp_path / "written.yaml"
    written.write_text(yaml.safe_dump({SALT: "v1:salt"}))
    environment.keep_salt(written)
    own = copy_of(environment)
    own["config"].update({"secrets:KEY": {"secure": "v1:x"}, "slipway:strategy": "by hand"})
    environment.config_file.write_text(yaml.safe_dump(own))

    environment.prepare()

    kept = copy_of(environment)
    assert kept[SALT] == "v1:salt"
    assert kept["config"]["secrets:KEY"] == {"secure": "v1:x"}
    assert kept["config"].get("slipway:strategy") != "by hand"


def test_a_salt_that_was_made_meanwhile_does_not_cost_a_secret(environment, tmp_path):
    environment.prepare()
    own = copy_of(environment)
    own.update({SALT: "v1:theirs", "config": {**own["config"], "secrets:KEY": {"secure": "v1:x"}}})
    environment.config_file.write_text(yaml.safe_dump(own))
    written = tmp_path / "written.yaml"
    written.write_text(yaml.safe_dump({SALT: "v1:mine"}))

    environment.keep_salt(written)

    assert copy_of(environment)[SALT] == "v1:theirs"


def test_an_unchanged_copy_is_not_written_again(environment):
    environment.prepare()
    os.utime(environment.config_file, ns=(1, 1))

    environment.prepare()

    assert environment.config_file.stat().st_mtime_ns == 1


def test_a_secret_that_is_set_meanwhile_is_not_overwritten(environment):
    environment.prepare()

    with environment.changing() as file:
        for other in (environment.prepare, lambda: environment.keep_salt(file), environment.forget):
            with pytest.raises(Busy, match=str(environment.config_file)):
                other()
        content = yaml.safe_load(file.read_text())
        content["config"]["secrets:KEY"] = {"secure": "v1:x"}
        file.write_text(yaml.safe_dump(content))
    environment.prepare()

    assert copy_of(environment)["config"]["secrets:KEY"] == {"secure": "v1:x"}


def test_a_copy_that_cannot_be_read_is_named_by_its_whole_path_and_left_alone(environment):
    environment.prepare()
    environment.config_file.write_text("config: {a: b: c}")

    with pytest.raises(InvalidInput) as caught:
        environment.prepare()

    assert caught.value.message.startswith(f"{environment.config_file} line 1: not valid YAML")
    assert "slipway secret" in caught.value.hint
    assert environment.config_file.read_text() == "config: {a: b: c}"


def test_the_passphrase_is_made_once_and_the_home_is_for_its_owner_only(environment):
    environment.prepare()
    made = environment.home.passphrase.read_text()

    environment.prepare()

    assert environment.home.passphrase.read_text() == made
    assert mode(environment.home.root) == 0o700


def test_an_empty_passphrase_is_refused_before_anything_is_made(environment, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")

    with pytest.raises(Blocked, match="PULUMI_CONFIG_PASSPHRASE is set, but empty"):
        environment.prepare()

    assert not environment.home.root.exists()


def test_a_user_or_password_in_the_backends_url_is_refused_and_not_repeated(
    environment, monkeypatch
):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://ada:sentinel-7@bucket")

    with pytest.raises(InvalidInput, match="PULUMI_BACKEND_URL") as caught:
        environment.prepare()

    assert "sentinel" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("name", VARIABLES)
def test_a_passphrase_that_is_configured_is_used_and_none_is_made(environment, monkeypatch, name):
    monkeypatch.setenv(name, "given")

    environment.prepare()

    assert not environment.home.passphrase.exists()
    assert not any(key in environment.variables() for key in VARIABLES)


def test_the_variables_name_state_tools_and_home_and_hold_no_secret(environment):
    environment.prepare()
    variables = environment.variables()
    home = environment.home

    assert variables["PATH"].startswith("/tools:")
    assert variables["PULUMI_BACKEND_URL"] == f"file://{home.backend}?metadata=skip"
    assert variables["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(home.passphrase)
    assert variables[HOME_VARIABLE] == str(home.root)
    assert home.passphrase.read_text() not in str(variables)


def test_the_folder_of_the_state_is_known_from_its_url(environment):
    assert environment.backend == environment.home.backend


def test_a_backend_that_is_configured_is_kept(environment, monkeypatch):
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")

    assert environment.variables()["PULUMI_BACKEND_URL"] == "s3://bucket"
