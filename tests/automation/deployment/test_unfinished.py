"""What a killed deployment left behind is undone before anything else."""

import signal

import pytest

from automation.errors import Blocked, BuildFailed, EngineFailed, Interrupted
from automation.reports.assembly import build_report
from automation.reports.summary import summary_text
from components.contract.desired import Rollout
from tests.automation.deployment.endings import ended, failing, report_of, serving
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard


def unfinished(installation: Installation) -> None:
    """Leave the environment as a driver that was killed in the middle of a rollout does."""
    state = installation.engine.state()
    rollout = Rollout(
        deployment="d-killed",
        strategy="blue_green",
        step=2,
        steps=3,
        target="1.0.0-gone",
        back_to=state.live_release().id,
        back_to_slots={"backend": state.backend, "frontend": state.frontend},
        owner="grace@elsewhere",
    )
    gone = state.live_release().model_copy(update={"id": "1.0.0-gone"})
    slot = state.backend.slot("blue").model_copy(update={"release": gone.id})
    idle = state.backend.idle()
    backend = state.backend.with_slot(idle, slot.model_copy(update={"replicas": 1, "weight": 0}))
    installation.engine.live = state.model_copy(
        update={
            "releases": {**state.releases, gone.id: gone},
            "backend": backend.with_weights(**{idle: 100}),
            "rollout": rollout,
        }
    )


def test_an_unfinished_rollout_is_undone_first(installation, live):
    before = installation.engine.state()
    unfinished(installation)
    heard = Heard()
    context = installation.open(heard)

    assert installation.deploy(context) == "deployed"

    first = installation.engine.states[0]
    assert first.backend.live() == before.backend.live()
    undone = next(state for state in installation.engine.states if state.rollout is None)
    assert (undone.backend, undone.frontend) == (before.backend, before.frontend)
    assert "d-killed by grace@elsewhere was left unfinished" in " ".join(heard.notes)
    assert context.facts.previous.id == live
    report_of(context)


def test_an_unfinished_rollout_that_cannot_be_undone_stays_on_record(installation, live):
    unfinished(installation)
    installation.engine.before = failing(1)

    error, context = ended(installation, EngineFailed)

    assert error.details == ("no room left (1)",)
    assert installation.engine.state().rollout.deployment == "d-killed"
    report_of(context)


@pytest.mark.parametrize(
    ("mistake", "kind", "verdict"),
    [
        ("required_variables: [MAPS_KEY]", Blocked, "Blocked: nothing else was touched"),
        ('build: "false"', BuildFailed, "Aborted by a failed build: nothing else was touched"),
    ],
)
def test_what_was_undone_is_not_denied_where_the_deployment_itself_does_not_begin(
    installation, live, mistake, kind, verdict
):
    unfinished(installation)
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(document.read_text().replace("  install:", f"  {mistake}\n  install:"))

    error, context = ended(installation, kind)

    assert "d-killed by grace@elsewhere was left unfinished and was undone first" in error.message
    assert "nothing was" not in f"{error.message} {error.hint}"
    assert report_of(context)["rollback"]["executed"] is True
    report = build_report(context.facts)
    assert f"An unfinished rollout was undone. {verdict}" in summary_text(report, context.facts)
    assert serving(installation.engine) == live


def test_an_unfinished_rollback_is_on_record_as_one(installation, live):
    unfinished(installation)
    state = installation.engine.state()
    rollback = state.rollout.model_copy(update={"action": "rollback"})
    installation.engine.live = state.model_copy(update={"rollout": rollback})

    installation.deploy(installation.open())

    (undone,) = [r for r in installation.engine.state().history if r.id == "d-killed"]
    assert (undone.action, undone.outcome) == ("rollback", "rolled_back")


def test_an_interrupt_while_an_unfinished_rollout_is_undone_is_no_defect(installation, live):
    unfinished(installation)
    installation.engine.after = lambda _n: signal.raise_signal(signal.SIGINT)

    error, context = ended(installation, Interrupted)

    assert "d-killed by grace@elsewhere was left unfinished" in error.message
    assert serving(installation.engine) == live
    report_of(context)


def test_what_is_live_and_cannot_be_brought_back_is_no_defect(installation, live):
    names = ("user", "password", "owner", "owner_password", "admin", "admin_password")
    nobody = {"host": "127.0.0.1", "port": "1", "name": "tiny", **dict.fromkeys(names, "nobody")}
    installation.engine.database = nobody
    installation.engine.before = failing(1)

    error, context = ended(installation, EngineFailed)

    assert error.details == ("no room left (1)",)
    assert context.facts.rollback is None
    report_of(context)
