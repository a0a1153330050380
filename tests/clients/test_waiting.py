"""How long is waited before a call is repeated."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from clients.waiting import BACKOFF_SECONDS, backoff, retry_after


def test_a_wait_may_be_a_date_and_nonsense_is_ignored() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)

    assert 50 < (retry_after({"retry-after": soon}) or 0) <= 60
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


def test_waits_grow_to_a_limit_and_are_never_alike() -> None:
    least, most = BACKOFF_SECONDS

    assert all(least / 2 <= backoff(1) <= least for _ in range(50))
    assert all(most / 2 <= backoff(99) <= most for _ in range(50))
    assert len({backoff(3) for _ in range(20)}) > 1
