"""Names within limits."""

from components.physical_names import within


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert within(10, "shop-green") == "shop-green"


def test_a_longer_name_is_cut_and_still_nobody_elses() -> None:
    one, other = (within(20, f"a-very-long-application-{slot}") for slot in ("blue", "green"))

    assert len(one) == len(other) == 20
    assert one != other
    assert one == within(20, "a-very-long-application-blue")
