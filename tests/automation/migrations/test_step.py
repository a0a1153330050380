"""The step as a whole: a database that is brought to a release, or is as it was before."""

import signal
from pathlib import Path

import psycopg
import pytest

from automation.context import Context
from automation.databases.content import row_counts
from automation.errors import Busy, DeploymentFailed
from automation.events import StepNotes, StepSkipped
from automation.home import Home
from automation.migrations import journal
from automation.migrations.connection import Target
from automation.migrations.lock import migration_lock
from automation.migrations.revision import current
from automation.schema import recovery
from automation.steps import migrate
from components.contract.desired import Address, DesiredState, Rollout
from tests.automation.migrations.conftest import SPECIFICATION, planned
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard
from tests.doubles.releases import live, release

pytestmark = pytest.mark.xdist_group("migrations")


@pytest.fixture
def step(tmp_path, database, artifact):
    """Run the step: `step("0002", "0003", heard=...)` with what is pending; the context."""
    specification = tmp_path / "specification.json"
    specification.write_text(SPECIFICATION.model_dump_json(by_alias=True))
    with FakeEngine(DesiredState(), database=database) as engine:
        installation = Installation(Home(tmp_path / "home"), tmp_path, engine)

        def open_(*pending: str, heard: Heard | None = None) -> Context:
            context = installation.open(heard)
            made.append(context)
            context.release = release("new", head=pending[-1] if pending else "0001").model_copy(
                update={"backend": artifact, "specification": str(specification)}
            )
            context.declared = DesiredState(releases={"new": context.release})
            context.specification = SPECIFICATION
            context.address = Address(host="tiny.localhost", port=8443)
            context.database = database
            context.pending, context.migration = pending, planned(*pending)
            return context

        def run(*pending: str, heard: Heard | None = None) -> Context:
            context = open_(*pending, heard=heard)
            with context.interruption.handled():
                migrate.run(context, StepNotes())
            return context

        made: list[Context] = []
        run.contexts = made
        run.open = open_
        yield run


def commands(context: Context) -> list[str]:
    """What Alembic was told to do, and on which kind of database."""
    log = (context.folder / "migration.log").read_text()
    ran = [line.split() for line in log.splitlines() if line.startswith("$")]
    return [
        f"{words[2]} {words[3]} on {'the copy' if words[-1].endswith('_copy') else 'the database'}"
        for words in ran
    ]


def test_the_database_is_backed_up_the_migration_rehearsed_and_then_run(step, owner, people):
    context = step("0002")

    assert current(owner) == context.declared.alembic_head == "0002"
    assert commands(context) == [
        "upgrade 0002 on the copy",
        "downgrade 0001 on the copy",
        "upgrade 0002 on the copy",
        "upgrade 0002 on the database",
    ]
    fact = context.facts.migrations
    assert (fact.status, fact.applied, fact.head) == ("success", ("0002",), "0002")
    assert fact.backup == context.backup == "d-1.dump"
    assert (fact.backup_verified, fact.backup_rows) == (True, 3)
    assert fact.rehearsal.seconds.keys() == {"0002"}
    assert (fact.rehearsal.downgrade_problem, fact.rehearsal.lossy) == ("", ())
    assert (context.home.environment("development") / "backups" / "d-1.dump").exists()
    assert context.change.phase == "changed"


def test_nothing_is_touched_where_nothing_is_pending(step):
    with pytest.raises(StepSkipped, match="no migration is pending"):
        step()


def test_a_migration_that_fails_on_the_copy_never_reaches_the_database(step, owner, people, revise):
    revise("0003", "0002", "raise ValueError('no such planet')")

    with pytest.raises(DeploymentFailed, match="_copy") as failed:
        step("0002", "0003")

    assert "no such planet" in failed.value.details[-1]
    assert current(owner) == "0001"
    assert commands(step.contexts[0]) == ["upgrade 0002 on the copy", "upgrade 0003 on the copy"]


def test_two_never_change_one_schema_and_the_second_is_told_who_does(step, owner, people):
    with (
        migration_lock(owner, "ada, d-7"),
        pytest.raises(Busy, match="slipway migration by ada, d-7, connection"),
    ):
        step("0002")

    assert current(owner) == "0001"
    assert step("0002").declared.alembic_head == "0002", "the lock is freed with its holder"


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
    assert journal.read(context.home.environment("development")) is None


HALF = """\
with op.get_context().autocommit_block():
        op.execute("CREATE TYPE mood AS ENUM ('fine')")
        op.execute("CREATE TABLE moods (mood mood)")
        op.execute("CREATE INDEX CONCURRENTLY later ON people (name)")
        op.execute("ALTER TABLE people ADD COLUMN mood mood")
        {then}
"""


def test_what_a_migration_without_a_transaction_left_behind_is_removed_and_no_row_lost(
    step, owner, people, revise
):
    fails = only_for_real(owner, "raise ValueError('full')")
    revise("0003", "0002", HALF.format(then=fails), "op.execute('DROP TABLE moods')")
    written = []

    def on_line(text: str) -> None:
        if text.startswith("migrating to") and not written:
            with owner.connect() as connection:
                connection.execute("INSERT INTO people VALUES (3, 'linus')")
            written.append(text)

    heard = Heard(on_line=on_line)
    with pytest.raises(DeploymentFailed, match=f"failed on {owner.name}"):
        step("0002", "0003", heard=heard)

    assert "what was left half done is removed" in "\n".join(heard.notes), heard.notes
    assert current(owner) == "0001"
    with owner.connect() as connection:
        rows = connection.execute("SELECT * FROM people ORDER BY id").fetchall()
        assert connection.execute("SELECT to_regtype('mood')").fetchone() == (None,)
    assert rows == [(1, "ada"), (2, "grace"), (3, "linus")]


def without_a_way_down(artifact) -> None:
    second = Path(artifact.path) / "source" / "alembic" / "versions" / "0002_notes.py"
    second.write_text(
        second.read_text().replace(
            'op.execute("DROP TABLE notes")', "raise NotImplementedError('one way')"
        )
    )


def test_where_there_is_no_way_down_the_backup_is_put_back_and_the_loss_is_counted(
    step, owner, people, revise, artifact
):
    without_a_way_down(artifact)
    insert = "op.execute(\"INSERT INTO people VALUES (4, 'dennis')\")"
    revise("0003", "0002", only_for_real(owner, f"{insert}; op.execute('COMMIT'); 1 / 0"))
    heard = Heard()

    with pytest.raises(DeploymentFailed, match=f"failed on {owner.name}"):
        step("0002", "0003", heard=heard)

    told = "\n".join(heard.notes)
    assert "the way back of the schema does not work" in told
    assert "one way" in told
    assert "people 1 written or changed since the backup" in told
    assert current(owner) == "0001"
    assert row_counts(owner) == {"alembic_version": 1, "people": 2}
    assert step.contexts[0].facts.migrations.restored


def test_a_migration_that_does_something_else_than_on_the_copy_is_taken_back(
    step, owner, people, revise
):
    wipe = "op.execute('DELETE FROM people')"
    revise("0003", "0002", only_for_real(owner, wipe))

    with pytest.raises(DeploymentFailed, match="not what the rehearsal made") as failed:
        step("0002", "0003")

    assert "people has 0 rows; the rehearsal says 2" in failed.value.details
    assert current(owner) == "0001"


def test_a_downgrade_that_brings_back_the_columns_but_not_their_values_is_not_trusted(
    step, owner, people, revise
):
    heard = Heard()
    revise(
        "0003",
        "0002",
        "op.execute('ALTER TABLE people DROP COLUMN name')",
        "op.execute(\"ALTER TABLE people ADD COLUMN name text NOT NULL DEFAULT ''\");"
        " op.execute('ALTER TABLE people ALTER name DROP DEFAULT')",
    )

    context = step("0002", "0003", heard=heard)

    assert "does not bring back the rows of people" in "\n".join(heard.notes)
    assert context.change.lossy is True


def test_a_lock_is_waited_for_a_little_and_tried_for_again(step, owner, people, revise):
    revise("0003", "0002", "op.execute('ALTER TABLE people ADD COLUMN born date')",
           "op.execute('ALTER TABLE people DROP COLUMN born')")  # fmt: skip
    context = step.open("0002", "0003")
    context.settings = context.settings.model_copy(update={"database_lock_timeout_seconds": 1})
    holder = psycopg.connect(
        host=owner.host, port=owner.port, dbname=owner.name, user=owner.user, autocommit=False
    )
    said = []

    def on_line(text: str) -> None:
        said.append(text)
        if text.startswith("migrating to"):
            holder.execute("SELECT * FROM people")
        if "letting go" in text:
            holder.rollback()

    context.events.listeners.append(Heard(on_line=on_line))
    migrate.run(context, StepNotes())
    holder.close()

    assert current(owner) == "0003"
    assert context.facts.migrations.retries == 1
    with owner.connect() as connection:
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",), "as it was before"


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


class Killed(BaseException):
    """A driver that is gone: it does nothing any more."""


@pytest.mark.parametrize("moment", ["journal", "half", "after"])
def test_the_next_command_puts_right_what_a_killed_driver_left(
    step, owner, people, artifact, database, moment
):
    dead = step.open("0002")
    folder = dead.home.environment("development")
    dead.live = DesiredState(releases=dead.declared.releases)
    migrate.run(dead, StepNotes())
    done = journal.read(folder)
    # As the file and the database were at the moment of its death.
    if moment != "after":
        done = type(done)(**{**vars(done), "phase": "changing"}).write(folder)
    with owner.connect() as connection:
        if moment == "journal":
            connection.execute("DROP TABLE notes")
            connection.execute("UPDATE alembic_version SET version_num = '0001'")
        if moment == "half":
            connection.execute("UPDATE alembic_version SET version_num = '0001'")
    done = type(done)(**{**vars(done), "serving": "old", "tolerated": False}).write(folder)
    rollout = Rollout(
        deployment=dead.deployment,
        strategy="blue_green",
        step=0,
        steps=2,
        target="new",
        back_to_slots={},
        owner="ada",
    )
    context = step.open()

    recovery.recover(context, rollout)

    assert current(owner) == "0001" == context.live.alembic_head
    assert row_counts(owner) == {"alembic_version": 1, "people": 2}
    assert journal.read(folder) is None
    recovery.recover(context, rollout)
    assert Target.owner(database).connect() is not None


@pytest.mark.parametrize(
    ("built_for", "known"), [("0001", "0001"), ("0002", None)], ids=["its own", "another one's"]
)
def test_the_next_command_takes_in_a_schema_that_somebody_else_brought_to_the_release(
    step, owner, people, built_for, known
):
    context = step.open()
    context.live = live(release("old", "backend", head=built_for))
    assert current(owner) == "0001"

    recovery.recover(context, None)

    assert context.live.alembic_head == known
