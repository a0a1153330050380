"""A rollback brings an earlier release back; a frozen environment takes nothing else."""

import pytest

from automation.errors import Blocked
from components.contract.desired import Freeze
from tests.automation.deployment.endings import ended, killed_at, report_of, serving
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard


def test_a_rollback_brings_the_release_before_back_without_building(installation, live):
    installation.deploy(installation.open())
    heard = Heard()
    context = installation.open(heard, action="rollback")

    assert installation.roll_back(context) == "deployed"

    assert serving(installation.engine) == live
    assert heard.status_of("build") == heard.status_of("configure") == "skipped"
    assert installation.engine.state().history[-1].action == "rollback"
    report_of(context)


def test_a_rollback_with_nothing_to_go_back_to_is_blocked(installation):
    installation.deploy(installation.open())
    before = installation.engine.state()
    context = installation.open(action="rollback")

    with pytest.raises(Blocked, match="is the only release"):
        installation.roll_back(context)

    assert installation.engine.state() == before
    report_of(context)


def test_a_rollback_to_artifacts_that_are_gone_is_blocked(installation, live):
    installation.deploy(installation.open())
    release = installation.engine.state().releases[live]
    moved = release.model_copy(
        update={"frontend": release.frontend.model_copy(update={"path": "/nowhere"})}
    )
    state = installation.engine.state()
    installation.engine.live = state.model_copy(
        update={"releases": {**state.releases, live: moved}}
    )
    context = installation.open(action="rollback")

    with pytest.raises(Blocked, match="are not on this machine: /nowhere"):
        installation.roll_back(context)
    report_of(context)


def test_a_rollback_to_what_was_built_for_this_machine_is_blocked_where_it_runs_elsewhere(
    installation, live
):
    installation.deploy(installation.open())
    installation.settings["backend_platform"] = "kubernetes"
    before = installation.engine.state()

    with pytest.raises(Blocked, match=f"backend of {live} was built for another platform"):
        installation.roll_back(installation.open(action="rollback"))

    assert installation.engine.state() == before


def test_what_an_undone_rollout_leads_back_to_is_verified_although_its_specification_is_gone(
    installation, live
):
    state = installation.engine.state()
    old = state.releases[live].model_copy(update={"specification": "/gone.json"})
    installation.engine.live = state.model_copy(update={"releases": {live: old}})
    killed_at(installation, 2)
    context = installation.open(action="rollback")

    assert installation.roll_back(context) == "unchanged"

    assert context.facts.step("verify").status == "passed"
    assert serving(installation.engine) == live


def test_a_rollback_while_a_rollout_is_unfinished_undoes_it_and_nothing_more(installation, live):
    installation.deploy(installation.open())
    second = serving(installation.engine)
    installation.change("third")
    killed_at(installation, 3)
    context = installation.open(action="rollback")

    assert installation.roll_back(context) == "unchanged"

    assert serving(installation.engine) == second != live
    assert installation.engine.state().rollout is None
    report_of(context)


def test_a_rollback_while_the_first_rollout_is_unfinished_leaves_nothing_live(installation):
    killed_at(installation, 2)
    context = installation.open(action="rollback")

    assert installation.roll_back(context) == "unchanged"

    assert serving(installation.engine) is None
    assert installation.engine.state().rollout is None
    report_of(context)


def frozen(installation: Installation) -> Freeze:
    freeze = Freeze(message="the sale", by="grace@shop", since="2026-03-04T05:06:07+00:00")
    state = installation.engine.state()
    installation.engine.live = state.model_copy(update={"freeze": freeze})
    return freeze


def test_a_frozen_environment_is_not_deployed_to(installation, live):
    frozen(installation)

    error, context = ended(installation, Blocked)

    for text in ("the sale", "grace@shop", "2026-03-04T05:06:07"):
        assert text in error.message
    assert "unfreeze development" in error.hint
    assert installation.engine.states == []
    report_of(context)


def test_a_frozen_environment_can_be_rolled_back_and_stays_frozen(installation, live):
    installation.deploy(installation.open())
    freeze = frozen(installation)

    assert installation.roll_back(installation.open(action="rollback")) == "deployed"

    assert serving(installation.engine) == live
    assert installation.engine.state().freeze == freeze
