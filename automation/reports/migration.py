"""The change of the schema as people read it, part by part: for the page and the incident."""

from collections.abc import Iterator

from automation.reports.facts import Facts
from automation.reports.migration_line import expanded, migrated, verified
from automation.reports.migration_proof import TONES, Row, rehearsal, tolerance, took
from automation.reports.observed import MigrationFact


def migration_rows(facts: Facts) -> list[Row]:
    """Return what was done to the schema and what proved it; nothing where nothing was to do."""
    known = migrated(facts)
    if known is None:
        return []
    rows = [*_result(known), _backup(known)]
    if known.rehearsal is not None:
        rows += rehearsal(known.rehearsal)
    elif known.status == "failed" and known.backup is not None:
        rows.append(Row("Rehearsal", "no result on record", "skipped"))
    if known.tolerance is not None:
        rows.append(tolerance(known.tolerance))
    elif known.rehearsal is not None:
        rows.append(Row("Tolerance", "not tried: no release was live"))
    if known.retries:
        again = f"not given in time, and tried again: {known.retries}"
        rows.append(Row("Locks", again, "skipped"))
    return rows


def _result(known: MigrationFact) -> Iterator[Row]:
    if expanded(known):
        time = "" if known.seconds is None else f", in {took(known.seconds)}"
        yield Row("Applied", ", ".join(expanded(known)) + time, "passed")
    if known.contracted:
        told = f"{', '.join(known.contracted)}, once the old release was gone"
        yield Row("Contracted", told, "passed")
    if known.returned:
        yield Row("Taken back", known.returned, "skipped")
    elif known.status == "failed":
        told = "nothing is on record as applied, or as taken back; the failed step says more"
        yield Row("Result", "failed", "failed", (told,))
    if known.head:
        yield Row("Now at", known.head)


def _backup(known: MigrationFact) -> Row:
    if known.backup is None:
        return Row("Backup", f"none: {known.no_backup or 'none was made'}")
    parts = ", ".join(f"{part} {took(each)}" for part, each in known.backup_seconds.items())
    told = f"{known.backup}: {verified(known)}"
    return Row("Backup", told, TONES[known.backup_verified], (parts,) if parts else ())
