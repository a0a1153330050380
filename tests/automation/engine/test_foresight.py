from pathlib import Path

import psutil
import pytest

from automation.engine.desired_file import PREFIX
from automation.engine.environment import EngineEnvironment
from automation.engine.foresight import Foresight
from automation.home import Home
from automation.interruption import Interruption
from automation.polling import SystemClock, wait_until
from automation.sessions import runs
from components.contract.desired import DesiredState
from components.contract.outputs import DESIRED_STATE_VARIABLE
from tests.doubles.pulumi import fake_pulumi

URN = "urn:pulumi:staging::slipway::local:Backend"
ANSWER = f"""cat <<'END'
{{"steps": [{{"op": "same", "urn": "{URN}::a"}}, {{"op": "update", "urn": "{URN}::b"}}],
 "changeSummary": {{"same": 1, "update": 1}}}}
END"""


STATE = DesiredState(alembic_head="0001")
WAITING = f"""flock --shared "${DESIRED_STATE_VARIABLE}" true
cat "${DESIRED_STATE_VARIABLE}" >"""


@pytest.fixture
def foresee(tmp_path):
    """Begin a preview by a script in place of the engine."""
    begun = []

    def begin(script: str, stack: str = "staging", *, refresh: bool = True) -> Foresight:
        tools = fake_pulumi(tmp_path / "bin", script)
        environment = EngineEnvironment(home=Home(tmp_path), stack=stack, tools=tools)
        environment.folder.mkdir(exist_ok=True)
        begun.append(Foresight(environment, refresh=refresh))
        begun[-1].begin()
        return begun[-1]

    yield begin
    for one in begun:
        one.discard()


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(f"**/{PREFIX}*")]


def test_what_differs_is_known_from_one_preview(foresee):
    update = foresee(ANSWER).result(STATE)

    assert update.changes == {"same": 1, "update": 1}
    assert update.resources == [("update", f"{URN}::b")]


def test_what_was_never_begun_foresees_nothing(tmp_path):
    foresight = Foresight(EngineEnvironment(home=Home(tmp_path), stack="staging", tools=tmp_path))

    assert foresight.result(STATE) is None
    foresight.discard()


def test_that_there_is_no_stack_yet_is_known_without_the_engine(tmp_path):
    environment = EngineEnvironment(home=Home(tmp_path), stack="staging", tools=tmp_path)
    assert environment.fresh

    state = environment.backend / ".pulumi" / "stacks" / "slipway" / "staging.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")

    assert not environment.fresh


def test_operations_are_counted_where_the_engine_does_not(foresee):
    script = f'echo \'{{"steps": [{{"op": "same", "urn": "{URN}::a"}}]}}\''

    update = foresee(script).result(STATE)

    assert (update.changes, update.resources) == ({"same": 1}, [])


@pytest.mark.parametrize("script", ["exit 1", "echo no json", f"{ANSWER}\nexit 255"])
def test_a_preview_that_did_not_succeed_foresees_nothing(foresee, script, tmp_path):
    assert foresee(script).result(STATE) is None
    assert left_in(tmp_path) == []


def test_it_begins_at_once_and_gets_the_state_when_there_is_one(foresee, tmp_path):
    begun, given = tmp_path / "begun", tmp_path / "given"
    foresight = foresee(f"touch {begun}; {WAITING} {given}; {ANSWER}")
    seen(begun)
    assert not given.exists()

    assert foresight.result(STATE) is not None

    assert DesiredState.model_validate_json(given.read_bytes()) == STATE
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("stack", "refresh", "asked"),
    [("staging", True, True), ("staging", False, False), ("development", True, False)],
)
def test_clouds_are_asked_what_is_there_unless_that_is_not_wanted(
    foresee, tmp_path, stack, refresh, asked
):
    foresee(f'echo "$@" > {tmp_path}/arguments; {ANSWER}', stack, refresh=refresh).result(STATE)

    assert (tmp_path / "arguments").read_text().split() == [
        *("preview", "--json", "--non-interactive", "--stack", stack),
        *(["--refresh"] if asked else []),
    ]


def test_one_that_begins_again_gets_the_state_like_the_first(foresee, tmp_path):
    given = tmp_path / "given"
    foresight = foresee(f"{WAITING} {given}; {ANSWER}")

    foresight.begin()

    assert foresight.result(STATE) is not None
    assert DesiredState.model_validate_json(given.read_bytes()) == STATE


def test_one_of_no_use_is_ended_with_all_that_it_started(foresee, tmp_path):
    mark = tmp_path / "pid"
    with Interruption().handled():  # where tests run in the background, SIGINT may be ignored
        host = f"sh -c 'trap \"\" INT; echo $$ > {mark}.new; mv {mark}.new {mark}; sleep 60'"
        foresight = foresee(f"{host} &\nexec sleep 60")
    seen(mark)

    foresight.discard()

    assert not psutil.pid_exists(pid := int(mark.read_text())) or not runs(psutil.Process(pid))
    assert left_in(tmp_path) == []


def seen(file: Path) -> None:
    clock = SystemClock()
    assert wait_until(file.exists, accept=bool, deadline=clock.time() + 20, clock=clock, every=0.01)
