"""The plan of a migration, from a real Alembic and a real database."""

import json
from pathlib import Path

import pytest

from automation.migrations.executed import Executed
from automation.migrations.plan import plan_migration
from automation.specification.migrations import revisions
from components.contract.desired import DesiredState, Slot, Slots
from components.contract.settings import Settings
from tests.automation.migrations.conftest import SPECIFICATION
from tests.doubles.releases import release

OLD = release("1.0.0-old")
LIVE = DesiredState(
    releases={OLD.id: OLD},
    backend=Slots(blue=Slot(release=OLD.id, replicas=1, weight=100)),
)


@pytest.fixture
def plan(alembic, artifact, owner, people):
    """Return the plan for the database at its first revision."""

    def plan(
        *, downtime: bool = False, target=owner, live: DesiredState = LIVE, built: bool = True
    ):
        source = Path(artifact.path) / artifact.working_directory
        graph = revisions(source, SPECIFICATION.database.migrations)
        return plan_migration(
            graph,
            alembic if built else None,
            target,
            settings=Settings(),
            downtime=downtime,
            live=live,
        )

    return plan


def test_a_plan_has_the_way_the_sql_and_what_the_policy_says(plan, revise):
    revise("0003", "0002", "op.rename_table('people', 'persons')")

    found = plan()

    assert (found.at, found.head, found.target) == (("0001",), "0003", "0003")
    assert found.pending == ("0002", "0003")
    rename = [each for each in found.findings if each.rule == "rename-table"]
    assert [each.sources for each in rename] == [("slipway", "squawk")]
    assert rename[0].bytes is not None
    assert found.decision.undecided == tuple(rename)
    assert [each.id for each in found.irreversible] == ["0003"]
    assert found.note == ""


def test_what_is_contracting_is_apart_and_waits_only_for_an_old_release(plan, revise, artifact):
    revise("0003", "0002", "op.drop_column('people', 'name')")
    file = Path(artifact.path) / "source" / "alembic" / "versions" / "0003_more.py"
    file.write_text(file.read_text() + 'slipway = {"phase": "contract"}\n')

    held, first = plan(), plan(live=DesiredState())

    assert (held.pending, [each.id for each in held.later]) == (("0002",), ["0003"])
    assert held.target == "0002"
    assert not held.decision.undecided
    assert first.pending == ("0002", "0003")


def test_the_plan_is_written_in_full_and_told_in_short(plan, revise, tmp_path):
    revise("0003", "0002", "op.execute('ALTER TABLE people ADD tax int NOT NULL')")
    found = plan()

    found.write(tmp_path / "deployment")
    text = (tmp_path / "deployment" / "migration.sql").read_text()
    document = json.loads((tmp_path / "deployment" / "migration-plan.json").read_text())

    assert "ALTER TABLE people ADD tax int NOT NULL;" in text
    assert "-- DROP TABLE notes;" in text
    assert "-- none: its downgrade() does nothing" in text
    assert document["decision"]["blocks"][0]["rule"] == "required-column"
    assert document["now"][0]["upgrade"]["statements"]
    lines = found.summary()
    assert lines[0] == "2 migrations from 0001 to 0003"
    assert any(line.startswith("blocks: 0003: required-column on people") for line in lines)
    assert "0003 cannot be taken back: its downgrade() does nothing" in lines


def test_an_environment_without_a_database_gets_everything(plan):
    found = plan(target=None, live=DesiredState())

    assert (found.at, found.pending) == ((), ("0001", "0002"))
    assert not found.decision.blocked
    assert found.summary()[0] == "2 migrations from an empty database to 0002"


def test_before_anything_is_built_the_way_is_known_and_the_sql_is_not(plan):
    found = plan(built=False)

    assert found.pending == ("0002",)
    assert [each.rule for each in found.findings] == ["sql-unknown"]


def test_a_database_at_the_head_has_nothing_to_do(plan, owner):
    with owner.connect() as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")

    found = plan()

    assert (found.pending, found.findings) == ((), ())
    assert found.summary() == ("the database is up to date",)


def test_the_rehearsal_mends_the_estimates(plan, revise):
    revise("0003", "0002", "op.create_index('i', 'people', ['name'])")
    found = plan()

    def seconds(took: float) -> float | None:
        refined = found.refined({"0003": took})
        [lock] = [each.lock for each in refined.findings if each.rule == "index-not-concurrent"]
        assert lock is not None and lock.measured
        return lock.seconds

    assert seconds(62.0) == 60.0  # what it took beyond Alembic's own start
    assert seconds(1.0) == pytest.approx(0.0, abs=0.1)
    assert found.refined({"0003": 62.0}).decision.blocked


def test_what_alembic_takes_to_start_on_a_busy_machine_is_no_lock(plan, revise):
    revise("0003", "0002", "op.create_index('i', 'people', ['name'])")
    ran = {"0003": Executed(seconds=0.25)}

    refined = plan().refined({"0003": 62.0}, ran)

    [lock] = [each.lock for each in refined.findings if each.rule == "index-not-concurrent"]
    assert (lock.seconds, lock.measured) == (0.25, True)
    assert not refined.decision.blocked
