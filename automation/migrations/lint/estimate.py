"""How long work on a table takes, estimated from its size."""

from typing import Literal

from automation.migrations.catalogue import Table

Work = Literal["none", "scan", "index", "rewrite", "write"]

BYTES_PER_SECOND: dict[Work, float] = {
    "scan": 200e6,
    "index": 40e6,
    "rewrite": 30e6,
    "write": 10e6,
}
"""Careful guesses. PostgreSQL 18 did 500, 100, 11 to 46 and 5 million bytes a second with one
million rows of 117 bytes, on two cores with five times more to do than they could.

The rehearsal mends the estimate by what it measures on a copy of the real data.
"""


def seconds(work: Work, table: Table | None) -> float | None:
    """Return how long it takes; None where nobody knows how large the table is."""
    if work == "none":
        return 0.0
    if table is None:
        return None
    # A rewrite and a write of rows make the indexes anew as well.
    touched = table.bytes + (table.index_bytes if work in ("rewrite", "write") else 0)
    return touched / BYTES_PER_SECOND[work]
