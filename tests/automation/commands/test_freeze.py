"""A freeze changes what the state says, and nothing else that somebody has not asked for."""

import pytest

from automation.commands.freeze import declare
from automation.engine.update import OnLine, Update
from automation.errors import Blocked
from components.contract.desired import DesiredState, Freeze
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation, SharedArtifacts, tiny

FREEZE = Freeze(message="the sale", by="ada", since="2026-03-04T05:06:07+00:00")
LIVE = DesiredState(alembic_head="0001")
URN = "urn:pulumi:development::slipway::slipway:Application$slipway:local:Backend::backend-blue"


class Foreseeing(FakeEngine):
    """An engine that has to change what the environment's file says by now."""

    pending = Update(changes={"same": 9})

    def preview(self, desired: DesiredState, *, on_line: OnLine | None = None) -> Update:
        super().preview(desired, on_line=on_line)
        return self.pending


@pytest.fixture
def engine():
    with Foreseeing(LIVE) as engine:
        yield engine


@pytest.fixture
def context(engine, tmp_path):
    home = SharedArtifacts(tmp_path / "home", tmp_path / "artifacts")
    home.root.mkdir()
    return Installation(home, tiny(tmp_path), engine).open()


@pytest.mark.parametrize("freeze", [FREEZE, None])
def test_where_nothing_else_differs_the_state_is_declared(context, engine, freeze):
    declare(context, freeze, yes=False)

    assert engine.states == engine.previewed == [LIVE.model_copy(update={"freeze": freeze})]


@pytest.mark.parametrize(("freeze", "verb"), [(FREEZE, "freeze"), (None, "unfreeze")])
def test_what_else_would_change_is_named_and_nothing_is_changed(context, engine, freeze, verb):
    engine.pending = Update(changes={"same": 8, "update": 1}, resources=[("update", URN)])

    with pytest.raises(Blocked, match=f"{verb} would change more than the state") as refused:
        declare(context, freeze, yes=False)

    assert refused.value.details == ("update backend-blue (slipway:local:Backend)",)
    for way in ("status development --drift", "Pulumi.development.yaml", "--yes"):
        assert way in refused.value.hint
    assert engine.states == []
    assert not context.touched


def test_who_agrees_gets_it_all_the_same(context, engine):
    engine.pending = Update(changes={"update": 1}, resources=[("update", URN)])

    declare(context, FREEZE, yes=True)

    assert engine.state().freeze == FREEZE
