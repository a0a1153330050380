"""What the driver asks of the engine's command, with a script in its place."""

import pytest

from automation.engine.engine import Engine
from automation.engine.environment import EngineEnvironment
from automation.errors import EngineFailed
from automation.home import Home
from tests.doubles.pulumi import fake_pulumi


def engine(tmp_path, script: str) -> Engine:
    tools = fake_pulumi(tmp_path / "bin", script)
    return Engine(EngineEnvironment(home=Home(tmp_path / "home"), stack="staging", tools=tools))


def test_the_secrets_that_an_operator_gave_are_known_by_their_names(tmp_path):
    said = '{"secrets:KEY": {"value": "sentinel"}, "slipway:domain": {"value": "example.org"}}'

    assert engine(tmp_path, f"echo '{said}'").given() == {"KEY": "sentinel"}


def test_before_the_first_deployment_no_secret_can_be_read(tmp_path):
    missing = "echo \"error: no stack named 'staging' found\" >&2; exit 6"

    assert engine(tmp_path, missing).given() == {}


def test_secrets_that_cannot_be_read_are_no_secrets_that_are_not_there(tmp_path):
    with pytest.raises(EngineFailed, match="cannot read the secrets"):
        engine(tmp_path, "echo 'error: incorrect passphrase' >&2; exit 255").given()
