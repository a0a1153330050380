"""Estimates of locks, mended by how long the rehearsal really took."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from automation.migrations.lint.finding import Finding

START_SECONDS = 2.0
"""What Alembic may take before its first statement: not a lock's doing."""


def measured(
    findings: Sequence[Finding],
    seconds: Mapping[str, float],
    executing: Mapping[str, float | None],
) -> tuple[Finding, ...]:
    """Mend the estimates of a revision's locks by what the whole revision took.

    No lock is held for longer than its revision runs; how long it was `executing`, else what it
    took beyond Alembic's own start, is shared out as the estimates are.
    """
    result = []
    for each in findings:
        took, lock = seconds.get(each.revision), each.lock
        if took is None or lock is None:
            result.append(each)
            continue
        guesses = [
            other.lock.seconds
            for other in findings
            if other.revision == each.revision and other.lock and other.lock.seconds
        ]
        share = lock.seconds / max(guesses) if guesses and lock.seconds is not None else 1.0
        known = executing.get(each.revision)
        worked = (max(took - START_SECONDS, 0.0) if known is None else known) * share
        bounded = took if lock.seconds is None else min(lock.seconds, took)
        mended = replace(lock, seconds=max(bounded, worked), measured=True)
        result.append(replace(each, lock=mended))
    return tuple(result)
