"""What the driver asks of the SDK, with a script in place of the engine."""

import contextlib

import pytest
import yaml

from automation.engine.environment import EngineEnvironment
from automation.engine.passphrase import VARIABLES
from automation.engine.stack import EngineStack
from automation.errors import EngineFailed
from automation.home import Home
from tests.doubles.clock import FakeClock
from tests.doubles.pulumi import fake_pulumi

LAST_ARGUMENT = 'for file in "$@"; do :; done'


@pytest.fixture
def environment(tmp_path, monkeypatch) -> EngineEnvironment:
    for name in (*VARIABLES, "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)
    home, tools = Home(tmp_path / "home"), tmp_path / "bin"
    found = EngineEnvironment(home=home, stack="staging", tools=tools, clock=FakeClock())
    found.prepare()
    return found


def keep(environment: EngineEnvironment, script: str) -> None:
    fake_pulumi(environment.tools, f"{LAST_ARGUMENT}\n{script}")
    EngineStack(environment, contextlib.nullcontext).keep_secret("KEY", "sentinel")


def test_a_secret_that_the_engine_encrypted_is_kept(environment):
    keep(environment, "echo 'config: {secrets:KEY: {secure: v1:x}}' > $file")

    kept = yaml.safe_load(environment.config_file.read_text())
    assert kept["config"]["secrets:KEY"] == {"secure": "v1:x"}


def test_an_engine_that_fails_while_it_writes_costs_no_secret_that_was_set_before(environment):
    keep(environment, "echo 'config: {secrets:KEY: {secure: v1:x}}' > $file")
    before = environment.config_file.read_text()

    with pytest.raises(EngineFailed):
        keep(environment, ": > $file; echo error: no space left on device >&2; exit 1")

    assert environment.config_file.read_text() == before
