"""Counters of replicas that come, go and start anew, added up."""

from automation.metrics.growth import Growth, Series


def series(pod: str, status: str = "2xx") -> Series:
    return (("pod", pod), ("status", status))


def summed(*readings: dict[Series, float]) -> dict[tuple[str, ...], float]:
    growth = Growth(("status",))
    for reading in readings:
        growth.take(reading)
    return growth.sums


def test_replicas_are_added_up_by_what_is_asked_for():
    reading = {series("a"): 3.0, series("b"): 4.0, series("b", "5xx"): 1.0}

    assert summed(reading) == {("2xx",): 7.0, ("5xx",): 1.0}


def test_only_growth_counts():
    assert summed({series("a"): 3.0}, {series("a"): 5.0}, {series("a"): 5.0}) == {("2xx",): 5.0}


def test_a_replica_that_started_anew_counts_from_zero():
    assert summed({series("a"): 30.0}, {series("a"): 2.0}) == {("2xx",): 32.0}


def test_a_replica_that_is_gone_takes_nothing_away():
    assert summed({series("a"): 3.0, series("b"): 9.0}, {series("a"): 4.0}) == {("2xx",): 13.0}


def test_a_replica_that_was_not_scraped_for_a_while_does_not_count_twice():
    assert summed({series("a"): 9.0}, {}, {series("a"): 10.0}) == {("2xx",): 10.0}
