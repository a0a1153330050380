"""Findings in what was really executed that the SQL, written down before, did not have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from automation.migrations.catalogue import Catalogue
from automation.migrations.lint import squawk
from automation.migrations.lint.finding import Finding
from automation.migrations.lint.linter import Subject, lint
from automation.migrations.sql import Script

SOURCE = "rehearsal"


def unseen(
    subjects: Sequence[Subject],
    executed: Mapping[str, Script],
    catalogue: Catalogue,
    known: Sequence[Finding],
) -> tuple[Finding, ...]:
    """Return what is new in the executed revisions, by rule and table.

    The other subjects are looked at as they were written: tables that they make are known then.
    """
    seen = [replace(each, script=executed.get(each.revision.id, each.script)) for each in subjects]
    found, _ = squawk.merged(seen, lint(seen, catalogue))
    before = {_key(each) for each in known}
    return tuple(
        replace(each, sources=(*each.sources, SOURCE))
        for each in found
        if each.revision in executed and _key(each) not in before and _ran(each)
    )


def _ran(finding: Finding) -> bool:
    # PostgreSQL has executed it, whatever a parser makes of it.
    return not finding.impossible and finding.rule != "not-sql"


def _key(finding: Finding) -> tuple[str, str, str | None]:
    return finding.revision, finding.rule, finding.table
