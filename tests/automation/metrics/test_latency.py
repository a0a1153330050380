"""Response times are counts per band."""

import pytest

from automation.metrics.latency import (
    Band,
    added,
    counted,
    has_fallen,
    percentile,
    slower,
    subtracted,
)

TIMES = {Band(0, 10): 90, Band(10, 20): 5, Band(100, 200): 5}


def test_a_percentile_is_interpolated_within_its_band() -> None:
    assert percentile(TIMES, 45) == 5
    assert percentile(TIMES, 95) == 20
    assert percentile(TIMES, 99) == pytest.approx(180)
    assert percentile(TIMES, 100) == 200


def test_no_request_has_no_percentile() -> None:
    assert percentile({}, 95) is None


def test_a_band_that_the_bound_divides_is_not_slower() -> None:
    assert slower(TIMES, 100) == 5
    assert slower(TIMES, 101) == 0
    assert slower(TIMES, 10) == 10


def test_what_came_later_can_be_told_apart() -> None:
    later = added(TIMES, {Band(10, 20): 3, Band(300, 400): 1})

    assert counted(later) == 104
    assert subtracted(later, TIMES) == {Band(10, 20): 3, Band(300, 400): 1}
    assert not has_fallen(later, TIMES)
    assert has_fallen(TIMES, later)
