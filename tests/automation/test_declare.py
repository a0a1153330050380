"""What the stack's state says of a rollout under way."""

import pytest

from automation.declare import declare
from automation.home import Home
from automation.migrations.reversal import Mode, Reversal
from components.contract.desired import DesiredState
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.releases import release


@pytest.mark.parametrize(("mode", "named"), [("restore", "b-1"), ("downgrade", None)])
def test_a_rollout_that_restores_names_the_backup_that_undoes_it(
    tmp_path, mode: Mode, named: str | None
):
    with FakeEngine() as engine:
        context = Installation(Home(tmp_path / "home"), tmp_path, engine).open()
        context.release, context.backup = release("old"), "b-1"
        context.reversal = Reversal(mode=mode, why="asked for", backup="b-0")

        declare(context, DesiredState(), step=1)

        assert engine.states[-1].rollout.restores == named
