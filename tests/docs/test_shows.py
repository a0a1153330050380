"""What takes too long for every run of the tests is one command that a page names."""

import subprocess

from automation.home import PROJECT
from tests.docs.pages import text


def test_a_million_rows_are_migrated_under_load_by_one_command():
    asked = ["make", "--dry-run", "--no-print-directory", "migrations"]

    said = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=True).stdout

    assert "SLIPWAY_TEST_ROWS=1000000" in said
    assert "tests/integration/test_migrations.py" in said
    assert "`make migrations`" in text("docs/database.md")
