"""A first release that fails after its migrations leaves no schema, unless somebody wrote to it."""

from collections.abc import Iterator

import pytest

from automation.errors import DeploymentFailed
from tests.integration.ledger import PRISTINE, Ledger, undeployed

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("contractions")]
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"


@pytest.fixture(scope="module")
def first() -> Iterator[Ledger]:
    with undeployed() as made:
        yield made


def test_the_schema_goes_back_so_that_a_mended_revision_is_applied_again(first: Ledger):
    first.code(condition="sick")

    ran = first("up", "development")

    assert ran.code == DeploymentFailed.exit_code, ran
    assert "nothing is live, as before" in ran.stderr
    assert "schema: Alembic took it back to no revision" in ran.stderr
    assert first.status()["alembic_head"] is None
    assert {name for (name,) in first.ask(TABLES)} <= {"alembic_version"}


def test_rows_that_a_failing_release_wrote_keep_the_schema_and_the_report_says_so(first: Ledger):
    revision = first.application / "alembic" / "versions" / "0001_entries.py"
    text = (PRISTINE / "alembic" / "versions" / "0001_entries.py").read_text()
    revision.write_text(text.replace("memo text NOT NULL", "memo text NOT NULL, mended bool"))
    first.code()
    document = first.application / "specs" / "deployment" / "ledger.md"
    document.write_text(document.read_text().replace("json: { amount: 7 } }", "status: 418 }"))

    ran = first("up", "development")

    assert ran.code == DeploymentFailed.exit_code, ran
    told = "nothing is live, but the schema stays at 0001: written since, entries: +"
    assert told in ran.stderr
    assert any(told in each for each in first.report()["recommendations"]["short_term"])
    assert first.status()["alembic_head"] == "0001"
    assert first.ask("SELECT count(mended) FROM entries WHERE amount = 7") == [(0,)]

    first.code()
    first("up", "development").ok()

    first.is_well(first.release, "0001")
    assert first.ask("SELECT count(*) > 1 FROM entries") == [(True,)]
