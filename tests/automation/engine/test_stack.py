"""What the driver asks of the SDK, with a script in place of the engine."""

import contextlib

import pytest
import yaml

from automation.engine.environment import SALT, EngineEnvironment
from automation.engine.passphrase import VARIABLES
from automation.engine.stack import EngineStack
from automation.errors import EngineFailed
from automation.home import Home
from components.contract.desired import DesiredState
from components.contract.outputs import DESIRED_STATE_VARIABLE
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


@pytest.mark.parametrize("meanwhile", ["true", f'rm "${DESIRED_STATE_VARIABLE}"'])
def test_an_engine_has_its_state_to_itself_and_may_lose_it_when_it_is_done(environment, meanwhile):
    root, file = environment.home.root, f'"${DESIRED_STATE_VARIABLE}"'
    script = f"""flock --exclusive --nonblock {file} touch {root}/taken
flock --shared --nonblock {file} cp {file} {root}/read
{meanwhile}"""
    fake_pulumi(environment.tools, script)

    stack = EngineStack(environment, contextlib.nullcontext)
    stack.up(DesiredState(alembic_head="0001"), message="try")

    assert not (root / "taken").exists()
    read = DesiredState.model_validate_json((root / "read").read_bytes())
    assert read.alembic_head == "0001"


MAKES_A_SALT = """file=Pulumi.staging.yaml
grep -sq encryptionsalt $file || echo encryptionsalt: v1:new > $file"""
"""As the engine does where it makes a stack: it takes the salt that is there."""


def test_a_stack_that_is_made_again_takes_the_salt_of_the_secrets_that_are_kept(environment):
    fake_pulumi(environment.tools, f"{MAKES_A_SALT}; cp $file {environment.home.root}/made")
    kept = {"encryptionsalt": "v1:old", "config": {"secrets:KEY": {"secure": "v1:x"}}}
    environment.config_file.write_text(yaml.safe_dump(kept))

    assert EngineStack(environment, contextlib.nullcontext).create()

    assert yaml.safe_load((environment.home.root / "made").read_text()) == {SALT: "v1:old"}
    left = yaml.safe_load(environment.config_file.read_text())
    assert (left[SALT], left["config"]["secrets:KEY"]) == ("v1:old", {"secure": "v1:x"})


def test_a_salt_that_no_secret_needs_gives_way_since_its_passphrase_may_be_another(environment):
    fake_pulumi(environment.tools, MAKES_A_SALT)
    environment.config_file.write_text(yaml.safe_dump({"encryptionsalt": "v1:old"}))

    EngineStack(environment, contextlib.nullcontext).create()

    assert yaml.safe_load(environment.config_file.read_text())[SALT] == "v1:new"
