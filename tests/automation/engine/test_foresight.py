import os

import pytest

from automation.engine.environment import EngineEnvironment
from automation.engine.foresight import Foresight, begin
from automation.home import Home
from automation.interruption import Interruption
from automation.polling import SystemClock, wait_until
from components.contract.outputs import DESIRED_STATE_VARIABLE
from tests.doubles.pulumi import fake_pulumi

URN = "urn:pulumi:staging::slipway::local:Backend"
ANSWER = f"""cat <<'END'
{{"steps": [{{"op": "same", "urn": "{URN}::a"}}, {{"op": "update", "urn": "{URN}::b"}}],
 "changeSummary": {{"same": 1, "update": 1}}}}
END"""


@pytest.fixture
def foresee(tmp_path):
    """Begin a preview by a script in place of the engine."""
    begun = []

    def begin(script: str) -> Foresight:
        tools = fake_pulumi(tmp_path / "bin", script)
        environment = EngineEnvironment(home=Home(tmp_path), stack="staging", tools=tools)
        begun.append(Foresight(environment))
        return begun[-1]

    yield begin
    for one in begun:
        one.discard()


def test_what_differs_is_known_from_one_preview(foresee):
    counts, different = foresee(ANSWER).result()

    assert counts == {"same": 1, "update": 1}
    assert different == [("update", f"{URN}::b")]


def test_operations_are_counted_where_the_engine_does_not(foresee):
    counts, different = foresee(
        f'echo \'{{"steps": [{{"op": "same", "urn": "{URN}::a"}}]}}\''
    ).result()

    assert (counts, different) == ({"same": 1}, [])


@pytest.mark.parametrize("script", ["exit 1", "echo no json", f"{ANSWER}\nexit 255"])
def test_a_preview_that_did_not_succeed_foresees_nothing(foresee, script):
    assert foresee(script).result() is None


def test_it_asks_what_is_live_whatever_state_a_driver_has_left_in_the_environment(
    foresee, monkeypatch, tmp_path
):
    monkeypatch.setenv(DESIRED_STATE_VARIABLE, "/gone.json")

    foresee(f'env > {tmp_path}/env; echo "$@" > {tmp_path}/arguments; {ANSWER}').result()

    assert DESIRED_STATE_VARIABLE not in (tmp_path / "env").read_text()
    assert (tmp_path / "arguments").read_text() == (
        "preview --json --non-interactive --stack staging\n"
    )


def test_one_of_no_use_is_ended(foresee, tmp_path):
    mark = tmp_path / "pid"
    with Interruption().handled():  # where tests run in the background, SIGINT may be ignored
        foresight = foresee(f"echo $$ > {mark}.new; mv {mark}.new {mark}; exec sleep 60")
    clock = SystemClock()
    wait_until(mark.exists, accept=bool, deadline=clock.time() + 20, clock=clock, every=0.01)

    foresight.discard()

    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize(("stack", "begun"), [("development", True), ("production", False)])
def test_it_is_begun_where_everything_is_on_this_machine(tmp_path, stack, begun):
    tools = fake_pulumi(tmp_path / "bin", ANSWER)
    home = Home(tmp_path)

    foresight = begin(EngineEnvironment(home=home, stack=stack, tools=tools))

    assert (foresight is not None) == begun
    if foresight is not None:
        foresight.discard()
