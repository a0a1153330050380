from hypothesis import given as drawn
from hypothesis import strategies as st

from components.contract.secret_versions import MADE, held, numbered, of_release
from components.contract.values import values_for
from tests.doubles.releases import release


def configured(name: str, **versions: int):
    return release(name).model_copy(update={"secret_versions": versions})


def test_a_new_version_is_what_is_given_now_and_an_old_one_what_the_state_has_kept():
    one, two = configured("r1", KEY=1), configured("r2", KEY=2)

    before = held([one], made={}, given={"KEY": "a"}, kept={})
    after = held([one, two], made={}, given={"KEY": "b"}, kept=before)

    assert of_release(one, after)["KEY"] == "a"
    assert of_release(two, after)["KEY"] == "b"
    assert after["KEY"] == "b"


def test_what_is_given_now_is_nothing_to_a_release_that_was_deployed_before():
    one = configured("r1", KEY=1)
    before = held([one], made={}, given={"KEY": "a"}, kept={})

    for given in ({"KEY": "b"}, {}):
        assert of_release(one, held([one], made={}, given=given, kept=before))["KEY"] == "a"


def test_a_release_that_was_recorded_without_versions_gets_the_current_value():
    old = release("old")

    values = held([old], made={"MADE": "m"}, given={"KEY": "b"}, kept={"KEY": "a"})

    assert of_release(old, values) == {"MADE": "m", "KEY": "b"}


def test_versions_that_no_release_names_any_more_are_forgotten():
    one, two = configured("r1", KEY=1), configured("r2", KEY=2)
    both = held([one, two], made={}, given={"KEY": "b"}, kept={"KEY.v1": "a"})

    assert held([two], made={}, given={"KEY": "b"}, kept=both) == {"KEY": "b", "KEY.v2": "b"}


def test_a_value_that_was_made_comes_back_when_the_one_given_over_it_does_not_count():
    made, given = configured("r1", KEY=MADE), configured("r2", KEY=1)

    values = held([made, given], made={"KEY": "made"}, given={"KEY": "own"}, kept={})

    assert of_release(made, values)["KEY"] == "made"
    assert of_release(given, values)["KEY"] == "own"
    assert "KEY.v0" not in held([made], made={"KEY": "made"}, given={}, kept={})


def test_a_value_that_is_there_already_has_the_version_that_it_had():
    releases = [configured("r1", KEY=1), configured("r2", KEY=2)]
    values = {"KEY": "b", "KEY.v1": "a", "KEY.v2": "b"}

    assert numbered({"KEY": "a"}, values, releases) == {"KEY": 1}
    assert numbered({"KEY": "b"}, values, releases) == {"KEY": 2}
    assert numbered({"KEY": "c"}, values, releases) == {"KEY": 3}
    assert numbered({"NEW": "a"}, values, releases) == {"NEW": 1}


@drawn(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_every_release_keeps_its_value_whatever_is_given_later(values):
    kept: dict[str, str] = {}
    releases, expected = [], {}
    for number, value in enumerate(values):
        given = {"KEY": value}
        made = configured(f"r{number}", **numbered(given, kept, releases))
        releases.append(made)
        expected[made.id] = value
        kept = held(releases, made={}, given=given, kept=kept)

    assert {one.id: of_release(one, kept)["KEY"] for one in releases} == expected
    assert len({one.secret_versions["KEY"] for one in releases}) == len(set(values))


def test_references_mean_the_versions_of_the_release_that_asks():
    values = {"secret.KEY": "b", "secret.KEY.v1": "a", "public.url": "https://x"}

    seen = values_for(configured("r1", KEY=1), values)

    assert seen["secret.KEY"] == "a"
    assert seen["public.url"] == "https://x"
    assert seen["release.id"] == "r1"
    assert values_for(release("old"), values)["secret.KEY"] == "b"
