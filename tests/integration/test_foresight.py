"""A preview that is begun before its state is known, on the real engine."""

import pytest

from automation.engine.engine import Engine
from automation.engine.environment import EngineEnvironment
from automation.engine.foresight import Foresight
from components.contract.desired import DesiredState

pytestmark = pytest.mark.integration
NOTHING_YET = DesiredState()


@pytest.fixture
def environment(prepared) -> EngineEnvironment:
    return prepared("development")


def test_it_foresees_what_the_preview_of_a_known_state_does(environment: EngineEnvironment):
    engine = Engine(environment)
    with engine.borrowed():
        foresight = Foresight(environment)
        foresight.begin()
        known = engine.preview(NOTHING_YET)  # the other one waits for its state meanwhile

        found = foresight.result(NOTHING_YET)

    assert found is not None
    assert found.changes == known.changes
    assert sorted(found.resources) == sorted(known.resources)
    assert len(found.resources) > 3


def test_without_a_stack_it_foresees_nothing(environment: EngineEnvironment):
    foresight = Foresight(environment)
    foresight.begin()

    assert foresight.result(NOTHING_YET) is None


def test_thought_better_of_it_ends_though_its_program_waits(environment: EngineEnvironment):
    engine = Engine(environment)
    with engine.borrowed():
        foresight = Foresight(environment)
        foresight.begin()
        engine.preview(NOTHING_YET)

        foresight.discard()

        assert engine.preview(NOTHING_YET).changed, "nothing that it did stands in the way"
