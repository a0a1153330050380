"""Secrets from a seed."""

from components.secrets.derived import ALPHABET, derived

SEED = "s" * 64


def test_a_value_has_the_length_that_is_asked_for_and_fits_anywhere() -> None:
    values = derived(SEED, {"SHORT": 8, "LONG": 300})

    assert {name: len(value) for name, value in values.items()} == {"SHORT": 8, "LONG": 300}
    assert {*values["LONG"]} <= {*ALPHABET}
    assert len({*values["LONG"]}) > 50


def test_a_value_stays_when_others_come_and_when_it_grows() -> None:
    before = derived(SEED, {"KEY": 16})["KEY"]

    assert derived(SEED, {"OTHER": 16, "KEY": 16})["KEY"] == before
    assert derived(SEED, {"KEY": 32})["KEY"].startswith(before)


def test_names_and_seeds_make_values_of_their_own() -> None:
    values = {*derived(SEED, {"A": 32, "B": 32}).values(), *derived("t" * 64, {"A": 32}).values()}

    assert len(values) == 3


def test_no_character_is_likelier_than_another() -> None:
    value = derived(SEED, {"KEY": 62_000})["KEY"]
    counts = [value.count(character) for character in ALPHABET]

    assert 850 < min(counts) <= max(counts) < 1150
