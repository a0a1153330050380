"""What proved a change of the schema, as people read it: the rehearsal, and who lives with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from automation.reports.migration_line import lives, number
from automation.reports.observed import RehearsalFact, ToleranceFact
from automation.reports.wording import duration

MOST_LINES: Final = 10
Tone = Literal["", "passed", "skipped", "failed"]
"""Good news, a warning, bad news, or neither: the page's classes for them."""
TONES: Final[Mapping[bool | None, Tone]] = {True: "passed", False: "failed", None: "skipped"}


@dataclass(frozen=True)
class Row:
    """What is known of one part; `more` are the lines below it."""

    label: str
    text: str
    tone: Tone = ""
    more: tuple[str, ...] = ()


def rehearsal(seen: RehearsalFact) -> Iterator[Row]:
    """Yield how the migration went on the copy, and whether its way back works."""
    times = ", ".join(f"{revision} in {took(each)}" for revision, each in seen.seconds.items())
    changed = tuple(f"{table}: {number(by, '+')} rows" for table, by in seen.rows.items())
    yield Row("Rehearsal", f"on a copy of the data: {times}", "passed", _most(changed))
    if seen.downgrade_problem:
        yield Row("Its way back", seen.downgrade_problem, "failed", _most(seen.difference))
    elif seen.lossy:
        told = f"does not bring back the rows of {', '.join(seen.lossy)}"
        yield Row("Its way back", told, "skipped")
    elif seen.downgrade_seconds is not None:
        told = f"works, in {took(seen.downgrade_seconds)}; up again gave the same schema"
        yield Row("Its way back", told, "passed")


def tolerance(seen: ToleranceFact) -> Row:
    """Return whether the release that was tried lives with the new schema, and how that showed."""
    checks = ", ".join(f"{name} {status}" for name, status in seen.checks.items())
    more = tuple(each for each in (seen.reason, checks) if each)
    return Row("Tolerance", lives(seen, "the new schema"), TONES[seen.tolerated], more)


def took(seconds: float) -> str:
    """Return a time for people; that of a revision is often below a second."""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else duration(seconds)


def _most(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) <= MOST_LINES:
        return lines
    rest = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], f"and {rest} more, in evidence.migration.rehearsal")
