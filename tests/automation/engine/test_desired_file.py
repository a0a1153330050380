"""Previews need no hold: who holds the environment tidies beside them."""

from pathlib import Path

import pytest

from automation.engine.desired_file import DesiredFile, tidy
from components.contract.desired import DesiredState

STATE = DesiredState(alembic_head="0001")


@pytest.mark.parametrize("given", [False, True])
def test_one_that_is_in_use_is_not_tidied_away(tmp_path, given):
    file = DesiredFile(tmp_path)
    if given:
        file.give(STATE)

    tidy(tmp_path)

    assert [str(path) for path in tmp_path.iterdir()] == [file.name]
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_driver_left_that_was_killed_is_tidied_away_and_nothing_else(tmp_path):
    file = DesiredFile(tmp_path)
    left = Path(file.name).with_name("desired-left.json")
    left.write_text("{}")
    (tmp_path / "retained.json").touch()

    tidy(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {Path(file.name).name, "retained.json"}
    file.close()


def test_the_program_reads_what_it_was_given(tmp_path):
    file = DesiredFile(tmp_path)

    file.give(STATE)

    assert DesiredState.model_validate_json(Path(file.name).read_bytes()) == STATE
    file.close()


def test_one_that_somebody_removed_by_hand_costs_nothing(tmp_path):
    file = DesiredFile(tmp_path)
    Path(file.name).unlink()

    file.close()
    file.close()

    assert list(tmp_path.iterdir()) == []
