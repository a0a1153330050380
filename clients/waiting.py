"""How long to wait before a call is repeated."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BACKOFF_SECONDS = (0.3, 5.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks to wait, or None where it does not say."""
    given = headers.get("retry-after", "")
    if given.isdigit():
        return float(given)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def backoff(attempt: int) -> float:
    """Return how long to wait after an attempt, counted from 1: longer each time, never alike."""
    least, most = BACKOFF_SECONDS
    # Jitter keeps two drivers that met once from meeting again; it is no secret.
    return float(min(most, least * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0))
