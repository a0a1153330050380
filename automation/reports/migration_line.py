"""The change of the schema in a line, and the words that its longer account shares."""

from collections.abc import Sequence
from typing import Final, Literal

from automation.reports.facts import Facts
from automation.reports.observed import MigrationFact, ToleranceFact

MOST_REVISIONS: Final = 3


def migration_line(facts: Facts) -> str:
    """Return what was applied, the backup, and who lives with it; empty without a migration."""
    known = migrated(facts)
    if known is None:
        return ""
    parts = [_applied(known)] if known.applied else []
    if known.returned:
        parts.append(f"taken back ({known.returned})")
    elif known.status == "failed":
        parts.append("FAILED")
    if known.backup is None:
        parts.append(f"no backup ({known.no_backup or 'none was made'})")
    else:
        parts.append(f"backup {verified(known)}")
    if known.tolerance is not None and not known.returned:
        parts.append(lives(known.tolerance, "it"))
    return ", ".join(parts)


def migrated(facts: Facts) -> MigrationFact | None:
    """Return what happened to the schema, or None where there was nothing to do."""
    known = facts.migrations
    if known is None:
        return None
    touched = known.status == "failed" or known.applied or known.returned or known.rehearsal
    return known if touched else None


def expanded(known: MigrationFact) -> tuple[str, ...]:
    """Return what was applied before the new release got traffic."""
    return tuple(each for each in known.applied if each not in known.contracted)


def verified(known: MigrationFact) -> str:
    """Return whether the backup was seen to hold what the database did."""
    words = {True: "verified", False: "NOT verified", None: "made, not seen to be verified"}
    rows = "" if known.backup_rows is None else f" ({number(known.backup_rows)} rows)"
    return words[known.backup_verified] + rows


def lives(seen: ToleranceFact, schema: str) -> str:
    """Return whether the release that was tried lives with the schema, as far as is known."""
    if seen.tolerated is None:
        return f"unknown whether {seen.release} tolerates {schema}"
    return f"{seen.release} {'tolerates' if seen.tolerated else 'does NOT tolerate'} {schema}"


def number(count: int, sign: Literal["", "+"] = "") -> str:
    """Return a number with its thousands apart."""
    return f"{count:{sign},}".replace(",", " ")


def _applied(known: MigrationFact) -> str:
    told = [f"{_revisions(expanded(known))} applied"] if expanded(known) else []
    if known.contracted:
        told.append(f"{_revisions(known.contracted)} contracted")
    return ", ".join(told)


def _revisions(names: Sequence[str]) -> str:
    if len(names) <= MOST_REVISIONS:
        return ", ".join(names)
    return f"{names[0]} to {names[-1]} ({len(names)})"
