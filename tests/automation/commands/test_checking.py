import pytest

from automation.commands.checking import look
from automation.commands.output import Output
from automation.errors import Blocked, DeploymentFailed
from automation.home import Home
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.releases import live, release

SENTINEL = "sentinel-9f1c7e-secret"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def refuses(_context, _notes):
    raise DeploymentFailed(f"503: {SENTINEL} is refused", details=(f"log: {SENTINEL}",))


def test_what_is_found_wrong_with_what_is_live_says_no_secret(home, tmp_path, capsys):
    out = Output(as_json=True)
    out.redactor.register(SENTINEL)
    with FakeEngine(live(release("r1"))) as engine:
        context = Installation(home, tmp_path, engine, redactor=out.redactor).open()

        with pytest.raises(DeploymentFailed) as failed:
            look(out, context, "verify", refuses)

    assert failed.value.message == "503: REDACTED is refused"
    assert failed.value.details == ("log: REDACTED",)
    assert SENTINEL not in capsys.readouterr().out


def test_where_nothing_is_live_there_is_nothing_to_look_at(home, tmp_path):
    with FakeEngine() as engine, pytest.raises(Blocked, match="nothing is live in development"):
        look(Output(False), Installation(home, tmp_path, engine).open(), "verify", refuses)
