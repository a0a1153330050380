"""By policy the same release goes on where a killed deployment left it."""

import pytest

from automation.errors import RolledBack
from automation.migrations import journal
from automation.migrations.journal import Journal
from automation.migrations.returning import Before
from components.contract.outputs import EDGE_STANDBY, EDGE_TABLE
from tests.automation.deployment.endings import ended, killed_at, report_of, serving
from tests.doubles.listener import Heard


@pytest.mark.parametrize("number", [1, 2, 3])
def test_by_policy_the_same_release_goes_on_where_it_was_left(installation, live, number):
    installation.settings["unfinished"] = "resume"
    killed = killed_at(installation, number)
    reached = installation.engine.state()
    heard = Heard()
    context = installation.open(heard)

    assert installation.deploy(context) == "deployed"

    assert context.target().id == killed.target().id == serving(installation.engine)
    assert context.live.live_release().id == live
    assert f"at step {reached.rollout.step} of" in " ".join(heard.notes)
    first, *_ = installation.engine.states
    assert (first.backend, first.frontend) == (reached.backend, reached.frontend)
    assert first.rollout.back_to == live
    assert all(
        state.rollout.step >= reached.rollout.step for state in installation.engine.states[:-1]
    )
    report_of(context)


def test_what_is_gone_on_with_and_fails_leads_back_to_what_was_live_at_first(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    installation.engine.sick = lambda release: release != live

    _, context = ended(installation, RolledBack)

    assert serving(installation.engine) == live
    assert installation.engine.state().rollout is None
    report_of(context)


def changed(deployment: str, live: str) -> Journal:
    """What a finished migration has written down."""
    return Journal(
        deployment=deployment,
        phase="changed",
        before=Before("0001", "", ()),
        target="0002",
        maker="1.0.0-new",
        serving=live,
        tolerated=True,
        downgrade=True,
        lossy=False,
        backup="b-1",
    )


def test_what_is_gone_on_with_has_its_migration_to_take_back_as_well(installation, live):
    installation.settings["unfinished"] = "resume"
    killed = killed_at(installation, 2)
    folder = installation.home.environment("development")
    changed(killed.deployment, live).write(folder)
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    note = journal.read(folder)
    assert note is not None and context.change is not None
    assert note.belongs_to(context.deployment) and note.belongs_to(killed.deployment)
    assert installation.engine.state().history[-1].backup == "b-1"


def test_a_migration_of_another_deployment_is_not_taken_over(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    changed("d-earlier", live).write(installation.home.environment("development"))
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    assert context.change is None
    assert installation.engine.state().history[-1].backup is None


def test_a_rollout_that_was_on_its_way_back_already_is_not_gone_on_with(
    installation, live, tmp_path
):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    heard = Heard()
    context = installation.open(heard)
    for name in (EDGE_TABLE, EDGE_STANDBY):
        context.outputs[name] = str(tmp_path / "the-way-back.json")
    (tmp_path / "the-way-back.json").write_text("{}")

    assert installation.deploy(context) == "deployed"

    assert f"going back to {live} first" in heard.notes


def test_by_policy_another_release_goes_back_first(installation, live):
    installation.settings["unfinished"] = "resume"
    killed = killed_at(installation, 2)
    installation.change("changed again")
    heard = Heard()

    assert installation.deploy(installation.open(heard)) == "deployed"

    assert f"going back to {live} first" in heard.notes
    history = installation.engine.state().history
    assert [(r.id, r.outcome) for r in history[-2:]] == [
        (killed.deployment, "rolled_back"),
        ("d-3", "deployed"),
    ]
    assert history[-2].deployer == "ada"
    assert "undone by d-3" in history[-2].reason


def test_by_policy_another_strategy_goes_back_first(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    installation.settings["strategy"] = "recreate"
    heard = Heard()

    assert installation.deploy(installation.open(heard)) == "deployed"

    assert f"going back to {live} first" in heard.notes
