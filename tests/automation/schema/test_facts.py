"""What the report says of two changes of the schema in one deployment."""

from dataclasses import replace

import pytest

from automation.context import Context
from automation.home import Home
from automation.migrations.move import Leg, Move
from automation.migrations.returning import Returned
from automation.reports.assembly import build_report
from automation.reports.observed import MigrationFact, RehearsalFact, ToleranceFact
from automation.schema import facts
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation

EXPAND, CONTRACT = Move((Leg("0002"),), "0001"), Move((Leg("0003"),), "0002")
BACK = Returned("Alembic took it back to 0002")


@pytest.fixture
def context(tmp_path) -> Context:
    with FakeEngine() as engine:
        yield Installation(Home(tmp_path / "home"), tmp_path, engine).open()


def rehearsed(context: Context, move: Move, release: str) -> MigrationFact:
    """The facts once a move was rehearsed and applied, with its own backup."""
    facts.applied(context, move, seconds=1.0, retries=0)
    context.facts.migrations = replace(
        context.facts.migrations,
        backup=f"d-1-{move.target}",
        rehearsal=RehearsalFact(seconds={move.target: 0.5}),
        tolerance=ToleranceFact(release=release, tolerated=True, reason=""),
    )
    return context.facts.migrations


def test_a_contraction_that_was_taken_back_does_not_take_the_expansion_along(context):
    before = rehearsed(context, EXPAND, "old")
    rehearsed(context, CONTRACT, "new")

    facts.taken_back(context, "0002", BACK)
    facts.contracted(context, before)

    found = context.facts.migrations
    assert (found.status, found.applied, found.contracted) == ("failed", ("0002",), ())
    assert (found.head, found.returned) == ("0002", BACK.how)
    assert found.backup == "d-1-0002"
    assert found.rehearsal.seconds == {"0002": 0.5, "0003": 0.5}
    assert found.tolerance.release == "old"


def test_a_contraction_is_told_beside_the_expansion(context):
    before = rehearsed(context, EXPAND, "old")
    rehearsed(context, CONTRACT, "new")

    facts.contracted(context, before)

    found = context.facts.migrations
    assert (found.applied, found.contracted) == (("0002", "0003"), ("0003",))


def test_what_was_taken_back_to_before_everything_has_applied_nothing(context):
    rehearsed(context, EXPAND, "old")

    facts.taken_back(context, "0001", BACK)

    assert context.facts.migrations.applied == ()


def test_what_was_taken_back_with_its_release_is_pending_and_the_database_rolled_back(context):
    rehearsed(context, EXPAND, "old")

    facts.taken_back(context, "0001", BACK)
    facts.awaiting(context)

    report = build_report(context.facts)
    assert (report.build.database.migration_status, report.build.database.migrations_applied) == (
        "pending",
        0,
    )
    assert report.deployment.database.status == "rolled_back"


def test_a_migration_that_failed_and_was_taken_back_has_failed(context):
    facts.taken_back(context, "0001", BACK)

    report = build_report(context.facts)
    assert report.build.database.migration_status == "failed"
    assert report.deployment.database.status == "rolled_back"


def test_a_rollback_that_took_the_schema_back_did_what_it_was_to_do(context):
    facts.reversed_to(context, "0001", BACK.how)

    assert build_report(context.facts).deployment.database.status == "success"
