from dataclasses import replace
from html import unescape

import pytest

from automation.reports.assembly import build_report
from automation.reports.cause import documented, trigger
from automation.reports.incident import incident
from automation.reports.migration import migration_rows
from automation.reports.migration_line import migration_line
from automation.reports.page import html_page
from tests.automation.reports import examples
from tests.automation.reports.examples import o


def after(facts=None, **changed):
    facts = facts or examples.deployed()
    facts.migrations = replace(facts.migrations, **changed)
    return facts


def rehearsed(**given):
    return after(rehearsal=o.RehearsalFact(seconds={"0003": 0.2}, **given))


def rows_of(facts):
    return {row.label: row for row in migration_rows(facts)}


def taken_back():
    facts = examples.failed()
    facts.steps = examples.steps(*o.STEPS[:6], last="failed", message="0003 is not valid")
    return after(
        facts, status="failed", applied=(), head="0002", returned="Alembic took it back to 0002"
    )


def page_of(facts):
    return unescape(html_page(build_report(facts), facts))


def test_the_page_has_every_part_of_a_migration():
    text = page_of(examples.deployed())

    told = text.split("<h2>Migration</h2>")[1].split("<h2>")[0]
    for part in (
        "0003, in 250 ms",
        "backup-42.dump: verified (100 000 rows)",
        "backup 810 ms, verification 2.3 s",
        "on a copy of the data: 0003 in 200 ms",
        "works, in 150 ms",
        "r-old tolerates the new schema",
        "r-old is healthy and 2 of its smoke flows pass",
        "health passed, tasks passed",
    ):
        assert part in told
    assert "failed" not in told


@pytest.mark.parametrize(
    "known", [None, o.MigrationFact(status="success", head="0003", no_backup="none was pending")]
)
def test_without_a_migration_nothing_is_said(known):
    facts = examples.rolled_back()
    facts.migrations = known

    assert "<h2>Migration</h2>" not in page_of(facts)
    assert migration_line(facts) == ""
    assert "### The migration" not in incident(facts)


def test_a_way_back_that_does_not_work_is_told_with_what_differs():
    difference = tuple(f"- column {number}" for number in range(12))
    row = rows_of(rehearsed(downgrade_problem="leaves another schema", difference=difference))[
        "Its way back"
    ]

    assert (row.text, row.tone) == ("leaves another schema", "failed")
    assert row.more[:2] == ("- column 0", "- column 1")
    assert row.more[10:] == ("and 2 more, in evidence.migration.rehearsal",)


def test_rows_that_change_or_do_not_come_back_are_told():
    rows = rows_of(rehearsed(rows={"task": -1200, "tag": 3}, lossy=("task",)))

    assert rows["Rehearsal"].more == ("task: -1 200 rows", "tag: +3 rows")
    assert rows["Its way back"].text == "does not bring back the rows of task"
    assert rows["Its way back"].tone == "skipped"


@pytest.mark.parametrize(
    ("tolerated", "tone", "text"),
    [
        (False, "failed", "r-old does NOT tolerate it"),
        (None, "skipped", "unknown whether r-old tolerates it"),
    ],
)
def test_a_release_that_is_not_proven_is_not_called_proven(tolerated, tone, text):
    facts = after(tolerance=o.ToleranceFact(release="r-old", tolerated=tolerated, reason="why"))

    assert rows_of(facts)["Tolerance"].tone == tone
    assert rows_of(facts)["Tolerance"].more == ("why",)
    assert migration_line(facts).endswith(text)


def test_a_backup_that_was_not_seen_to_be_verified_is_not_called_verified():
    for verified, tone in ((None, "skipped"), (False, "failed")):
        facts = after(backup_verified=verified)

        assert rows_of(facts)["Backup"].tone == tone
        assert "backup verified" not in migration_line(facts)


def test_a_database_without_data_had_no_backup():
    facts = after(backup=None, no_backup="the database was empty", rehearsal=None, tolerance=None)

    assert rows_of(facts)["Backup"].text == "none: the database was empty"
    assert not {"Rehearsal", "Tolerance"} & set(rows_of(facts))
    assert migration_line(facts) == "0003 applied, no backup (the database was empty)"


def test_where_nothing_was_live_nobody_is_called_tolerant():
    facts = after(tolerance=None)

    assert rows_of(facts)["Tolerance"].text == "not tried: no release was live"
    assert "tolerates" not in migration_line(facts)


def test_what_was_contracted_is_told_apart():
    facts = after(applied=("0003", "0004"), contracted=("0004",), retries=2)

    rows = rows_of(facts)
    assert rows["Applied"].text == "0003, in 250 ms"
    assert rows["Contracted"].text == "0004, once the old release was gone"
    assert rows["Locks"].text.endswith("tried again: 2")
    assert migration_line(facts).startswith("0003 applied, 0004 contracted, backup")


def test_many_revisions_fit_the_line():
    facts = after(applied=tuple(f"{number:04}" for number in range(2, 12)))

    assert migration_line(facts).startswith("0002 to 0011 (10) applied, backup")


def test_a_migration_that_was_taken_back_is_in_the_incident():
    facts = taken_back()
    text = incident(facts)

    told = text.split("### The migration\n")[1].split("\n### ")[0]
    assert "- Taken back: Alembic took it back to 0002" in told
    assert "- Now at: 0002" in told
    assert "- Backup: backup-42.dump: verified (100 000 rows)" in told
    assert "  - backup 810 ms, verification 2.3 s" in told
    assert "Applied" not in told
    assert migration_line(facts) == (
        "taken back (Alembic took it back to 0002), backup verified (100 000 rows)"
    )


def test_a_migration_that_failed_claims_nothing_that_is_not_on_record():
    facts = after(taken_back(), head=None, returned="", rehearsal=None, tolerance=None)

    rows = rows_of(facts)
    assert rows["Result"].tone == "failed"
    assert rows["Rehearsal"].text == "no result on record"
    assert not {"Applied", "Taken back", "Now at"} & set(rows)
    assert migration_line(facts) == "FAILED, backup verified (100 000 rows)"
    assert "- Result: failed\n" in incident(facts)


def test_a_contraction_that_failed_is_an_incident_of_the_migration():
    facts = examples.deployed()
    facts.outcome = "failed"
    facts.steps = examples.steps(*o.STEPS[: o.STEPS.index("contract") + 1], last="failed")

    assert documented(facts)
    assert trigger(facts) == "migration"
    assert "- Applied: 0003" in incident(facts)


def test_a_migration_that_held_is_no_part_of_the_incident():
    assert "### The migration" not in incident(examples.rolled_back())
