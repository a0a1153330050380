import json

import pytest

from automation.home import Home
from automation.retention import prune, retained
from components.contract.desired import DeploymentRecord, DesiredState, Slot, Slots
from components.contract.settings import Settings
from tests.doubles.releases import release


def record(name: str, outcome: str = "deployed") -> DeploymentRecord:
    return DeploymentRecord(
        id=f"d-{name}",
        release=name,
        version="1.0.0",
        action="deploy",
        strategy="blue_green",
        outcome=outcome,
        started_at="2026-03-04T05:06:07+00:00",
        seconds=1,
        deployer="ada",
    )


def state(*history: DeploymentRecord, blue: str, green: str | None = None) -> DesiredState:
    names = {blue, green, *(one.release for one in history)} - {None}
    slots = Slots(blue=Slot(release=blue, replicas=1, weight=100), green=Slot(release=green))
    return DesiredState(
        releases={name: release(name) for name in names}, backend=slots, history=history
    )


def test_what_slots_hold_is_kept_however_old_and_then_the_newest():
    history = [record(name) for name in ("a", "b", "c", "d")]

    assert retained(state(*history, blue="d", green="a"), 3) == ["d", "a", "c"]


def test_more_in_slots_than_are_to_be_kept_are_kept_all_the_same():
    assert retained(state(record("b"), blue="b", green="a"), 1) == ["b", "a"]


def test_releases_that_never_served_are_not_kept():
    history = (record("a"), record("bad", "rolled_back"), record("b"))

    assert "bad" not in retained(state(*history, blue="b"), 5)


def test_a_release_deployed_twice_counts_once():
    history = [record(name) for name in ("a", "b", "a", "b")]

    assert retained(state(*history, blue="b"), 2) == ["b", "a"]


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path)
    for name in "abc":
        folder = home.artifacts / f"backend-{name * 12}"
        folder.mkdir(parents=True)
        (folder / "metadata.json").write_text("{}")
    return home


def placed(home: Home, of: DesiredState) -> DesiredState:
    """The state with the releases' artifacts where this home keeps them."""
    there = {
        name: one.model_copy(
            update={
                "frontend": None,
                "backend": one.backend.model_copy(
                    update={"path": str(home.artifacts / f"backend-{name * 12}")}
                ),
            }
        )
        for name, one in of.releases.items()
    }
    return of.model_copy(update={"releases": there})


def left(home: Home) -> set[str]:
    return {path.name[-1] for path in home.artifacts.glob("backend-*")}


def test_artifacts_that_another_environment_keeps_are_not_removed(home):
    settings = Settings(retained_artifacts=2)
    prune(home, "staging", placed(home, state(record("a"), blue="a")), settings)
    assert left(home) == {"a"}
    for name in "bc":
        (home.artifacts / f"backend-{name * 12}").mkdir()

    gone = prune(home, "production", placed(home, state(record("b"), blue="b")), settings)

    assert gone == 1
    assert left(home) == {"a", "b"}
    kept = json.loads((home.environment("production") / "retained.json").read_text())
    assert kept == [str(home.artifacts / "backend-bbbbbbbbbbbb")]
