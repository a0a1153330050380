"""squawk's findings beside Slipway's own."""

import subprocess
import sys
from pathlib import Path

from automation.migrations.lint.linter import lint
from automation.migrations.lint.rules import RULES
from automation.migrations.lint.squawk import KINDS, SAME, STYLE, merged
from tests.automation.migrations.corpus.looking import LIVE
from tests.automation.migrations.lint.linting import subject


def look(*subjects):
    return merged(subjects, lint(subjects, LIVE))


def test_what_both_find_is_one_finding_with_two_sources():
    [found], note = look(subject("CREATE INDEX i ON orders (note)"))

    assert (found.rule, found.sources, note) == (
        "index-not-concurrent",
        ("slipway", "squawk"),
        "",
    )


def test_slipway_overrules_what_it_knows_better_from_the_live_table():
    found, _ = look(subject("ALTER TABLE orders ALTER note TYPE varchar(200)"))

    assert found == ()


def test_what_only_squawk_finds_is_reported_as_squawks():
    [found], _ = look(subject("SELECT 1", "ALTER TABLE orders\n  SET SCHEMA other"))

    assert (found.rule, found.sources) == ("ban-set-schema", ("squawk",))
    assert (found.kind, found.incompatible) == ("drop", True)
    assert found.statement == "ALTER TABLE orders\n  SET SCHEMA other"


def test_every_revision_has_its_own_findings():
    found, _ = look(
        subject("ALTER TABLE orders SET SCHEMA a", name="1"),
        subject("SELECT 1", name="2"),
        subject("DROP TABLE people", name="3"),
    )

    assert [(each.revision, each.rule) for each in found] == [
        ("1", "ban-set-schema"),
        ("3", "drop-table"),
    ]


def test_squawk_knows_every_rule_that_is_named_here(tmp_path):
    (tmp_path / "empty.sql").write_text("SELECT 1;")
    squawk = Path(sys.executable).with_name("squawk")
    known = [*STYLE, *SAME, *KINDS]

    # It ends where it is to leave out a rule that it does not have.
    done = subprocess.run(
        [squawk, f"--exclude={','.join(known)}", tmp_path / "empty.sql"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert len(known) == len(set(known))
    assert {ours for each in SAME.values() for ours in each} <= set(RULES)
