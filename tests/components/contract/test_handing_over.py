from pathlib import Path

import pytest

from components.contract import handing_over
from components.contract.desired import DesiredState
from components.contract.handing_over import NothingCame

STATE = DesiredState(alembic_head="0001")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def test_what_was_written_beforehand_has_come(file):
    file.write_text(STATE.model_dump_json())

    with file.open("rb") as stream:
        assert handing_over.come(stream)
        assert handing_over.read(stream) == STATE


def test_what_is_promised_comes_when_it_is_given(file):
    with file.open("wb") as driver, file.open("rb") as program:
        handing_over.promise(driver)
        assert not handing_over.come(program)

        handing_over.give(driver, STATE)

        handing_over.wait(program)
        assert handing_over.read(program) == STATE


def test_a_driver_that_ends_keeps_nobody_waiting(file):
    with file.open("wb") as driver, file.open("rb") as program:
        handing_over.promise(driver)
        driver.close()

        handing_over.wait(program)
        with pytest.raises(NothingCame, match="driver ended"):
            handing_over.read(program)
