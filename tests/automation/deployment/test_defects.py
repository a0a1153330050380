"""A defect of ours is undone like any failure, and told without its traceback."""

import pytest

from automation.errors import DeploymentFailed, EngineFailed, RolledBack
from tests.automation.deployment.endings import SENTINEL, ended, report_of, serving
from tests.doubles.listener import Heard


def test_a_defect_of_ours_on_the_way_back_is_told_beside_what_led_there(installation, live):
    def before(number: int) -> None:
        if number == 2:
            raise EngineFailed("the engine did not succeed")
        if number == 3:
            raise ZeroDivisionError(f"while holding {SENTINEL}")

    installation.engine.before = before

    error, context = ended(installation, DeploymentFailed)

    assert "the engine did not succeed; going back failed as well: unexpected" in error.message
    assert SENTINEL not in error.message
    assert SENTINEL not in (context.folder / "traceback.txt").read_text()
    assert context.facts.rollback.status == "failed"
    report_of(context)


def test_a_defect_of_ours_is_undone_and_told_without_its_traceback(installation, live):
    def before(number: int) -> None:
        if number == 2:
            raise ZeroDivisionError(f"while holding {SENTINEL}")

    installation.engine.before = before

    error, context = ended(installation, RolledBack)

    assert "unexpected: ZeroDivisionError" in error.message
    assert "Traceback" not in f"{error} {error.details} {error.hint}"
    trace = (context.folder / "traceback.txt").read_text()
    assert "ZeroDivisionError" in trace
    assert SENTINEL not in trace
    assert serving(installation.engine) == live
    report_of(context)


def test_a_defect_is_undone_where_nothing_can_be_written_of_it(installation, live):
    context = installation.open()
    away = context.folder.with_name("away")

    def before(number: int) -> None:
        if number == 2:
            context.folder.rename(away)
            context.folder.touch()
            raise ZeroDivisionError

    def at(step: str) -> None:
        if step == "undo":  # there is room again
            context.folder.unlink()
            away.rename(context.folder)

    installation.engine.before = before
    context.events.listeners.append(Heard(at))

    with pytest.raises(RolledBack, match="unexpected: ZeroDivisionError"):
        installation.deploy(context)

    assert not (context.folder / "traceback.txt").exists()
    assert serving(installation.engine) == live


def test_a_defect_before_anything_was_touched_says_where_its_traceback_is(installation):
    def at(step: str) -> None:
        if step == "build":
            raise ZeroDivisionError

    error, context = ended(installation, DeploymentFailed, Heard(at))

    assert str(context.folder / "traceback.txt") in error.hint
    report_of(context)
