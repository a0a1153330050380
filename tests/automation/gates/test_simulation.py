"""Whole rollouts before the gate: how often it is wrong. `python -m benchmarks.gates` runs all."""

from dataclasses import replace

import pytest

from benchmarks.gates import BURSTS, CASES, EQUAL, HEAD, MARKED, PAGE, WORSE, Case, Row, run
from components.contract.settings import Settings

QUICK = 10
FIVE_PERCENT = [case for case in WORSE if case.new.errors == 0.05]
SLOWER = [case for case in WORSE if case.new.slower == 3]


def quick(case: Case, rollouts: int = QUICK) -> Row:
    return run(replace(case, rollouts=rollouts))


def rows() -> dict[tuple[str, str], list[str]]:
    """Return the cells of the documented table by release and requests a second."""
    found = MARKED.search(PAGE.read_text("utf-8"))
    assert found
    lines = [line.strip("| ").split(" | ") for line in found[0].splitlines() if line[:1] == "|"]
    assert lines[0] == list(HEAD)
    return {(line[0], line[1]): line for line in lines[2:]}


@pytest.mark.parametrize("case", [case for case in EQUAL if case.rate < 1000], ids=str)
def test_a_release_as_good_as_the_old_one_is_not_stopped(case: Case) -> None:
    assert quick(case, 3).stopped == 0


@pytest.mark.parametrize("case", [*FIVE_PERCENT, *SLOWER], ids=str)
def test_a_bad_release_is_stopped_at_the_first_step(case: Case) -> None:
    row = quick(case)

    assert row.stopped == QUICK
    assert row.at_first >= 0.8 * QUICK


def test_the_documented_table_has_a_row_for_each_case() -> None:
    assert list(rows()) == [(case.told, f"{case.rate:g}") for case in CASES]


@pytest.mark.parametrize("case", [FIVE_PERCENT[0], SLOWER[0]], ids=str)
def test_the_documented_figures_are_those_of_a_fresh_run(case: Case) -> None:
    """All are seeded: any change of a rule or of a default changes them."""
    assert rows()[case.told, f"{case.rate:g}"] == run(case).cells(), (
        "run `python -m benchmarks.gates --write`"
    )


@pytest.mark.parametrize("case", [*EQUAL, *FIVE_PERCENT, *SLOWER], ids=str)
def test_the_documented_figures_meet_the_targets(case: Case) -> None:
    cells = rows()[case.told, f"{case.rate:g}"]
    stopped, at_first = (float(cell.removesuffix(" %")) for cell in cells[3:5])

    assert stopped <= 1 if case in EQUAL else at_first >= 95


def test_bursts_are_documented_as_what_they_are() -> None:
    """They stop more equal releases than the 1 in 100 that is the target for all others."""
    stopped = [rows()[case.told, f"{case.rate:g}"][3].removesuffix(" %") for case in BURSTS]

    assert all(float(percent) > 1 for percent in stopped)


def test_the_defaults_are_those_that_were_measured() -> None:
    settings = Settings()

    # Enough to top up two services at once where nobody comes by.
    assert settings.gate_synthetic_requests >= 4 * 1.05 * settings.gate_requests
