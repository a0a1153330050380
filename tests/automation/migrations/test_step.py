"""The step as a whole: a database that is brought to a release, or is as it was before."""

import signal
from pathlib import Path

import pytest

from automation.context import Context
from automation.errors import DeploymentFailed
from automation.events import StepNotes, StepSkipped
from automation.home import Home
from automation.migrations.revision import current, row_counts
from automation.steps import migrate
from components.contract.desired import Address, DesiredState
from tests.automation.migrations.conftest import SPECIFICATION
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard
from tests.doubles.releases import release

pytestmark = pytest.mark.xdist_group("migrations")


@pytest.fixture
def step(tmp_path, database, artifact):
    """Run the step: `step("0002", "0003", heard=...)` with what is pending; the context."""
    with FakeEngine(DesiredState(), database=database) as engine:
        installation = Installation(Home(tmp_path / "home"), tmp_path, engine)

        def run(*pending: str, heard: Heard | None = None) -> Context:
            context = installation.open(heard)
            made.append(context)
            context.release = release("new", head=pending[-1] if pending else "0001").model_copy(
                update={"backend": artifact}
            )
            context.specification = SPECIFICATION
            context.address = Address(host="tiny.localhost", port=8443)
            context.pending = pending
            with context.interruption.handled():
                migrate.run(context, StepNotes())
            return context

        made: list[Context] = []
        run.contexts = made
        yield run


def commands(context: Context) -> list[str]:
    """What Alembic was told to do, and on which kind of database."""
    log = (context.folder / "migration.log").read_text()
    ran = [line.split() for line in log.splitlines() if line.startswith("$")]
    return [
        f"{words[2]} {words[3]} on {'the copy' if 'scratch' in words[-1] else 'the database'}"
        for words in ran
    ]


def test_the_database_is_backed_up_the_migration_rehearsed_and_then_run(step, owner, people):
    context = step("0002")

    assert current(owner) == context.declared.alembic_head == "0002"
    assert commands(context) == [
        "upgrade head on the copy",
        "downgrade 0001 on the copy",
        "upgrade head on the copy",
        "upgrade head on the database",
    ]
    fact = context.facts.migrations
    assert (fact.status, fact.applied, fact.head) == ("success", ("0002",), "0002")
    assert fact.backup == context.backup == "d-1.dump"
    assert (context.home.environment("development") / "backups" / "d-1.dump").exists()


def test_nothing_is_touched_where_nothing_is_pending(step):
    with pytest.raises(StepSkipped, match="no migration is pending"):
        step()


def test_a_migration_that_fails_on_the_copy_never_reaches_the_database(step, owner, people, revise):
    revise("0003", "0002", "raise ValueError('no such planet')")

    with pytest.raises(DeploymentFailed, match="on scratch_") as failed:
        step("0002", "0003")

    assert "no such planet" in failed.value.details[-1]
    assert current(owner) == "0001"
    assert commands(step.contexts[0]) == ["upgrade head on the copy"]


def only_for_real(owner, then: str) -> str:
    """Python that does something on the database itself, and nothing on a copy."""
    return f"exec({then!r}) if os.environ['DB_NAME'] == {owner.name!r} else None"


def test_a_migration_that_fails_half_way_is_taken_back_down(step, owner, people, revise):
    revise("0003", "0002", only_for_real(owner, "raise ValueError('full')"))

    with pytest.raises(DeploymentFailed, match=f"failed on {owner.name}"):
        step("0002", "0003")

    (context,) = step.contexts
    assert current(owner) == "0001"
    assert row_counts(owner) == {"alembic_version": 1, "people": 2}
    assert commands(context)[-1] == "downgrade 0001 on the database"
    fact = context.facts.migrations
    assert (fact.status, fact.applied, fact.head, fact.restored) == ("failed", (), "0001", False)


def test_where_there_is_no_way_down_the_backup_is_put_back(step, owner, people, revise, artifact):
    second = Path(artifact.path) / "source" / "alembic" / "versions" / "0002_notes.py"
    second.write_text(
        second.read_text().replace(
            'op.execute("DROP TABLE notes")', "raise NotImplementedError('one way')"
        )
    )
    revise("0003", "0002", only_for_real(owner, "raise ValueError('full')"))
    heard = Heard()

    with pytest.raises(DeploymentFailed, match=f"failed on {owner.name}"):
        step("0002", "0003", heard=heard)

    assert "the way back of the schema does not work" in heard.notes[0]
    assert "one way" in heard.notes[0]
    assert current(owner) == "0001"
    assert row_counts(owner) == {"alembic_version": 1, "people": 2}
    assert step.contexts[0].facts.migrations.restored


def test_a_migration_that_is_interrupted_half_way_is_taken_back_as_well(
    step, owner, people, revise
):
    sleep = "import time; print('half way', flush=True); time.sleep(60)"
    revise("0003", "0002", only_for_real(owner, sleep))

    def on_line(text: str) -> None:
        if text == "half way":
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        step("0002", "0003", heard=Heard(on_line=on_line))

    assert current(owner) == "0001"
    assert "notes" not in row_counts(owner)
