import pytest

from automation.way_back import configuration, missing, previous
from components.contract.desired import DesiredState
from components.contract.hosted import SERVED
from components.contract.settings import Settings
from tests.automation.test_retention import record
from tests.doubles.releases import live, release


def after(*history, serves: str) -> DesiredState:
    names = {one.release for one in history} | {serves}
    return live(release(serves)).model_copy(
        update={"history": history, "releases": {name: release(name) for name in names}}
    )


def test_it_leads_to_the_release_that_was_live_before():
    assert previous(after(record("a"), record("b"), serves="b")).id == "a"


def test_a_release_that_was_rolled_back_is_no_way_back():
    history = (record("a"), record("b"), record("bad", "rolled_back"))

    assert previous(after(*history, serves="b")).id == "a"


def test_after_a_rollback_it_leads_forward_again():
    assert previous(after(record("a"), record("b"), record("a"), serves="a")).id == "b"


def test_there_is_none_where_nothing_else_was_ever_live():
    assert previous(DesiredState()) is None
    assert previous(after(record("a"), record("a"), serves="a")) is None


def test_a_release_that_the_state_has_forgotten_is_none():
    state = after(record("a"), record("b"), serves="b")
    forgotten = state.model_copy(update={"releases": {"b": state.releases["b"]}})

    assert previous(forgotten) is None


def of(name: str, **versions: int):
    return release(name).model_copy(
        update={"secret_versions": versions, "required_secrets": ("KEY",)}
    )


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (of("a", KEY=1, MADE=0), "secrets go back: KEY to version 1"),
        (of("a", KEY=2, MADE=0), "secrets stay the same"),
        (of("a"), "recorded before secrets had versions, so it gets their current values"),
    ],
)
def test_it_says_which_versions_of_secrets_it_leads_to(before, told):
    assert told in configuration(of("b", KEY=2, MADE=0), before)


CLOUDS = Settings(backend_platform="kubernetes", frontend_platform="vercel")


def packed(name: str, folder: str):
    made = release(name)
    frontend = made.frontend.model_copy(update={"package": folder})
    return made.model_copy(update={"frontend": frontend})


def test_on_the_machine_that_serves_it_takes_what_was_built_there():
    gone = ["/artifacts/backend-a", "/artifacts/frontend-a"]

    assert missing(after(record("a"), serves="b"), Settings(), release("a")) == gone


def test_what_a_registry_and_a_hosting_platform_have_is_not_asked_of_any_machine():
    state = after(record("a"), record("b"), serves="b")

    assert missing(state, CLOUDS, packed("a", "/nowhere")) == []


def test_what_a_hosting_platform_has_let_go_is_uploaded_again_from_where_it_was_packed(tmp_path):
    newer = [record(f"r{n}") for n in range(SERVED)]
    state = after(record("a"), *newer, serves="b")

    assert missing(state, CLOUDS, packed("a", "/nowhere")) == ["/nowhere"]
    assert missing(state, CLOUDS, packed("a", str(tmp_path))) == []
