import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.home import Home
from automation.retention import hold, prune, retained
from automation.way_back import previous
from components.contract.desired import DeploymentRecord, DesiredState, Rollout, Slot, Slots
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


def test_deployments_that_failed_push_nothing_out():
    history = [record("a"), *(record(f"bad{n}", "rolled_back") for n in range(9)), record("b")]

    assert retained(state(*history, blue="b"), 3) == ["b", "a"]


def test_the_release_to_go_back_to_is_kept_whatever_fills_the_slots():
    history = [record(name) for name in ("a", "b", "c")]

    assert retained(state(*history, blue="c", green="a"), 2) == ["c", "a", "b"]


def test_what_an_unfinished_rollout_names_is_kept():
    of = state(record("a"), record("b"), record("c"), blue="c")
    warm = state(record("w"), blue="w").backend
    rollout = Rollout(
        deployment="d-9",
        strategy="canary",
        step=2,
        steps=4,
        target="t",
        back_to="b",
        back_to_slots={"backend": warm},
        owner="ada",
    )
    names = {**of.releases, "t": release("t"), "w": release("w")}

    found = retained(of.model_copy(update={"rollout": rollout, "releases": names}), 2)

    assert found == ["t", "b", "c", "w"]


def test_a_release_that_the_state_has_forgotten_has_nothing_to_keep():
    of = state(record("a"), record("b"), blue="b")
    forgotten = of.model_copy(update={"releases": {"b": release("b")}})

    assert retained(forgotten, 5) == ["b"]


@given(
    history=st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["deployed", "rolled_back"])),
        min_size=1,
        max_size=30,
    ),
    count=st.integers(2, 6),
)
def test_as_many_as_are_to_be_kept_are_kept_and_no_more_than_needed(history, count):
    served = [name for name, outcome in history if outcome == "deployed"] or ["a"]
    records = [record(name, outcome) for name, outcome in history]
    of = state(*records, blue=served[-1])
    back = previous(of)

    found = retained(of, count)

    assert served[-1] in found
    assert back is None or back.id in found
    assert len(found) <= count
    ever = {name for name, outcome in history if outcome == "deployed"} | {served[-1]}
    assert len(found) == min(count, len(ever))


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


def test_what_another_environment_is_about_to_deploy_is_not_removed(home):
    settings = Settings(retained_artifacts=2)
    hold(home, "staging", [str(home.artifacts / "backend-cccccccccccc")])

    prune(home, "production", placed(home, state(record("a"), blue="a")), settings)

    assert left(home) == {"a", "c"}


def test_what_is_held_comes_to_what_was_kept_before(home):
    settings = Settings(retained_artifacts=2)
    of = placed(home, state(record("a"), record("b"), blue="b"))
    prune(home, "staging", of, settings)

    hold(home, "staging", [str(home.artifacts / "backend-cccccccccccc")])

    kept = json.loads((home.environment("staging") / "retained.json").read_text())
    assert [path[-1] for path in kept] == ["a", "b", "c"]


def test_two_that_hold_at_once_lose_nothing_of_each_other(home):
    other = threading.Thread(target=hold, args=(home, "staging", ["theirs"]))

    def while_the_list_is_read():
        other.start()
        other.join(0.3)  # it writes at once, if nothing keeps it from doing so
        yield "mine"

    hold(home, "staging", while_the_list_is_read())
    other.join()

    kept = json.loads((home.environment("staging") / "retained.json").read_text())
    assert kept == ["mine", "theirs"]
