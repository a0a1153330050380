from automation.specification.models import Backend, Specification
from automation.steps.build import with_overrides
from automation.steps.plan import recording
from components.contract.desired import HISTORY_LIMIT, DesiredState
from tests.automation.test_retention import record, state
from tests.doubles.releases import release


def test_the_state_records_the_target_and_only_releases_that_are_still_of_use():
    live = state(record("a"), record("b"), blue="b")
    forgotten = live.model_copy(update={"releases": {**live.releases, "x": release("x")}})

    found = recording(forgotten, release("target"))

    assert found.releases.keys() == {"a", "b", "target"}
    assert found.backend == live.backend


def test_the_history_is_bounded_and_releases_go_with_it_unless_a_slot_holds_them():
    history = [record(f"r{number}") for number in range(HISTORY_LIMIT + 5)]

    found = recording(state(*history, blue=history[-1].release, green="r0"), release("target"))

    assert len(found.history) == HISTORY_LIMIT
    assert found.history[-1] == history[-1]
    assert "r0" in found.releases
    assert "r1" not in found.releases


def test_a_release_that_is_on_record_stays_as_it_was_recorded():
    again = release("a").model_copy(update={"created_at": "later"})

    found = recording(state(record("a"), blue="a"), again)

    assert found.releases["a"] == release("a")
    assert recording(DesiredState(), again).releases["a"] == again


def test_the_stacks_file_overrides_variables_that_the_application_knows_and_no_others():
    found = Specification(
        name="tiny",
        backend=Backend(
            application="main:app", variables={"LEVEL": "info"}, required_variables=("REGION",)
        ),
    )

    changed = with_overrides(found, {"LEVEL": "debug", "REGION": "eu", "OTHER": "x"})

    assert changed.backend.variables == {"LEVEL": "debug", "REGION": "eu"}
    assert found.backend.variables == {"LEVEL": "info"}
