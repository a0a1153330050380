"""The schema of a first release that fails: back where only its migration has written."""

from dataclasses import replace
from pathlib import Path

import pytest

from automation.context import Context
from automation.databases.content import row_counts
from automation.events import StepNotes
from automation.home import Home
from automation.migrations import journal
from automation.migrations.plan import plan_migration
from automation.migrations.revision import current
from automation.schema import recovery
from automation.schema.means import alembic_of
from automation.specification.migrations import revisions
from automation.steps import migrate
from components.contract.desired import Address, DesiredState, Rollout
from tests.automation.migrations.conftest import SPECIFICATION
from tests.automation.migrations.conftest import admin as admin
from tests.automation.migrations.conftest import artifact as artifact
from tests.automation.migrations.conftest import database as database
from tests.automation.migrations.conftest import owner as owner
from tests.automation.migrations.conftest import revise as revise
from tests.automation.migrations.conftest import server as server
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard
from tests.doubles.releases import live, release

pytestmark = pytest.mark.xdist_group("migrations")


@pytest.fixture
def first(tmp_path, database, owner, artifact, revise):
    """A context of a first release whose migrations have made tables, and filled one."""
    specification = tmp_path / "specification.json"
    specification.write_text(SPECIFICATION.model_dump_json(by_alias=True))
    insert = "op.execute(\"INSERT INTO people VALUES (1, 'ada')\")"
    revise("0003", "0002", insert, "op.execute('DELETE FROM people')")
    with FakeEngine(DesiredState(), database=database) as engine:
        context = Installation(Home(tmp_path / "home"), tmp_path, engine).open(Heard())
        made = release("new", "backend", head="0003").model_copy(
            update={"backend": artifact, "specification": str(specification)}
        )
        context.release, context.specification = made, SPECIFICATION
        context.declared = live(made)
        context.address = Address(host="tiny.localhost", port=8443)
        context.database = database

        def run() -> Context:
            source = Path(artifact.path) / artifact.working_directory
            context.migration = plan_migration(
                revisions(source, SPECIFICATION.database.migrations),
                alembic_of(context, made, SPECIFICATION),
                owner,
                settings=context.settings,
                downtime=False,
                live=DesiredState(),
            )
            context.pending = context.migration.pending
            migrate.run(context, StepNotes())
            context.declared = live(made).model_copy(update={"alembic_head": "0003"})
            return context

        yield run


def test_a_schema_that_nobody_wrote_to_goes_back_after_what_failed_has_stopped(first, owner):
    context = first()
    assert (current(owner), row_counts(owner)["people"]) == ("0003", 1)

    recovery.undo(context)

    assert current(owner) is None
    assert set(row_counts(owner)) <= {"alembic_version"}
    stopped = context.engine.states[-1].backend.blue
    assert (stopped.release, stopped.replicas) == ("new", 0)
    assert context.declared.alembic_head is None
    assert context.facts.migrations.returned == "Alembic took it back to no revision"
    assert context.facts.migrations.status == "pending"  # nothing was wrong with it


def test_what_was_written_meanwhile_keeps_the_schema_and_that_is_said(first, owner):
    context = first()
    with owner.connect() as connection:
        connection.execute("INSERT INTO people VALUES (2, 'grace'), (3, 'linus')")

    recovery.undo(context)

    assert (current(owner), row_counts(owner)["people"]) == ("0003", 3)
    assert context.declared.alembic_head == "0003"
    told = "the schema stays at 0003: written since, people: +2 rows"
    assert any(told in note for note in context.events.listeners[0].notes)
    assert any(told in each for each in context.facts.short_term)


def test_a_row_that_was_changed_meanwhile_keeps_it_as_well(first, owner):
    context = first()
    with owner.connect() as connection:
        connection.execute("UPDATE people SET name = 'augusta'")

    recovery.undo(context)

    assert current(owner) == "0003"
    assert any("people: other rows" in each for each in context.facts.short_term)


def test_without_a_way_down_what_the_migration_made_is_removed(first, owner, artifact):
    second = Path(artifact.path) / "source" / "alembic" / "versions" / "0002_notes.py"
    drops = 'op.execute("DROP TABLE notes")'
    second.write_text(second.read_text().replace(drops, "raise NotImplementedError('one way')"))
    context = first()

    recovery.undo(context)

    assert (current(owner), row_counts(owner)) == (None, {})
    assert "is removed" in context.facts.migrations.returned


@pytest.mark.parametrize("written", [False, True])
def test_the_next_command_does_the_same_where_the_driver_was_killed(first, owner, written):
    context = first()
    folder = context.home.environment("development")
    assert journal.read(folder) == context.change
    if written:
        with owner.connect() as connection:
            connection.execute("INSERT INTO people VALUES (2, 'grace')")
    left = Rollout(
        deployment=context.deployment,
        strategy="blue_green",
        step=0,
        steps=2,
        target="new",
        back_to_slots={},
        owner="ada",
    )
    context.change, context.live, context.touched = None, context.declared, False

    recovery.recover(context, left)

    assert current(owner) == context.live.alembic_head == ("0003" if written else None)
    assert not context.touched
    assert (journal.read(folder) is None) is not written


def test_where_a_release_serves_its_own_rule_holds(first, owner):
    context = first()
    context.change = replace(context.change, serving="old", tolerated=True)

    recovery.undo(context)

    assert current(owner) == "0003"
    assert context.engine.states == []
