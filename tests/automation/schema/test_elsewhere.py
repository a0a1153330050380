"""A change of the schema whose machine is gone: another one, which shares no folder, takes over."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.context import Context
from automation.databases.content import row_counts
from automation.errors import Blocked, DeploymentFailed
from automation.events import StepNotes
from automation.home import Home
from automation.migrations import journal
from automation.migrations.connection import Target
from automation.migrations.reversal import Reversal
from automation.migrations.revision import current
from automation.polling import SystemClock
from automation.schema import left, recovery, reverse
from automation.schema.means import place_of, platform_of
from automation.steps import migrate
from components.contract.desired import Address, DesiredState, Rollout
from components.contract.release import Release
from tests.automation.migrations.conftest import SPECIFICATION, planned
from tests.automation.migrations.conftest import artifact as artifact
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.neon.deployed import deployed
from tests.doubles.neon.fake import FakeNeon
from tests.doubles.releases import release

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("databases")]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNeon]:
    with FakeNeon(seconds=0.02) as fake, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEON_API_KEY", fake.key)
        patch.setenv("NEON_API_URL", fake.url)
        yield fake


@pytest.fixture
def database(server: FakeNeon, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Two rows of data at revision 0001."""
    made = deployed(tmp_path.name)
    with Target.owner(made).connect() as connection:
        connection.execute("CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL)")
        connection.execute("INSERT INTO people VALUES (1, 'ada'), (2, 'grace')")
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    yield made
    server.remove(made["neon_project"])


@pytest.fixture
def owner(database: dict[str, str]) -> Target:
    return Target.owner(database)


@pytest.fixture
def new(artifact) -> Release:
    document = SPECIFICATION.model_dump_json(by_alias=True)
    known = {"backend": artifact, "specification": document, "commit": "c0ffee"}
    return release("new", "backend", head="0002").model_copy(update=known)


@pytest.fixture
def machine(tmp_path, database, new):
    """Open a command on a machine of its own: `machine("a")`."""
    with FakeEngine(DesiredState(), database=database) as engine:

        def open_(name: str) -> Context:
            settings = {"database_platform": "neon"}
            made = Installation(Home(tmp_path / name), tmp_path, engine, settings).open()
            made.clock = SystemClock()
            made.release, made.specification = new, SPECIFICATION
            made.declared = DesiredState(releases={"new": new})
            made.address = Address(host="tiny.localhost", port=8443)
            made.pending, made.migration = ("0002",), planned("0002")
            return made

        yield open_


def rollout(**known: object) -> Rollout:
    return Rollout.model_validate(
        {
            "deployment": "d-1",
            "strategy": "recreate",
            "step": 0,
            "steps": 2,
            "target": "new",
            "back_to_slots": {},
            "owner": "ada",
            **known,
        }
    )


def written(owner: Target, statement: str) -> None:
    with owner.connect() as connection:
        connection.execute(statement.encode())


def killed(dead: Context, **known: object) -> None:
    """A change whose driver was killed, with what it had written down by then."""
    migrate.run(dead, StepNotes())
    note = journal.read(place_of(dead))
    assert note is not None
    type(note)(**{**vars(note), "serving": "old", "tolerated": False, **known}).write(
        place_of(dead)
    )


def test_what_was_left_half_done_is_removed_from_another_machine(machine, owner):
    killed(machine("a"), phase="changing")
    written(owner, "UPDATE alembic_version SET version_num = '0001'")
    context = machine("b")

    recovery.recover(context, rollout())

    assert current(owner) == "0001" == context.live.alembic_head
    assert row_counts(owner) == {"alembic_version": 1, "people": 2}
    assert journal.read(place_of(context)) is None


def test_without_the_artifact_no_row_is_given_up_and_it_is_said_what_is_needed(
    machine, owner, artifact
):
    killed(machine("a"))
    shutil.rmtree(artifact.path)
    written(owner, "INSERT INTO people VALUES (3, 'linus')")
    context = machine("b")

    with pytest.raises(DeploymentFailed, match="new, whose artifact is not on this") as needed:
        recovery.recover(context, rollout())

    assert "check its commit c0ffee out, run `alembic downgrade 0001`" in needed.value.hint
    assert "people 1 written or changed since the backup" in needed.value.details[0]
    assert (current(owner), row_counts(owner)["people"]) == ("0002", 3)

    # What the runbook says, by hand; the next command then has nothing left to do.
    written(owner, "DROP TABLE notes; UPDATE alembic_version SET version_num = '0001'")
    recovery.recover(context, rollout())

    assert journal.read(place_of(context)) is None
    assert row_counts(owner)["people"] == 3


def test_without_the_artifact_a_backup_that_loses_nothing_is_put_back(machine, owner, artifact):
    killed(machine("a"))
    shutil.rmtree(artifact.path)
    context = machine("b")

    recovery.recover(context, rollout())

    assert current(owner) == "0001"
    assert row_counts(owner) == {"alembic_version": 1, "people": 2}
    assert context.facts.migrations.restored
    assert journal.read(place_of(context)) is None


def test_a_restore_that_took_along_what_was_written_of_it_is_undone(machine, owner):
    platform = platform_of(machine("a"))
    old = platform.back_up("d-0")
    written(owner, "CREATE TABLE notes (); UPDATE alembic_version SET version_num = '0002'")
    written(owner, "INSERT INTO people VALUES (3, 'linus')")
    saved = platform.back_up("d-1")
    platform.restore(old, "d-1")  # its driver is killed here
    assert (current(owner), row_counts(owner)["people"]) == ("0001", 2)
    context = machine("b")

    recovery.recover(context, rollout(target="old", back_to="new", restores=saved.id))

    assert current(owner) == "0002"
    assert row_counts(owner) == {"alembic_version": 1, "people": 3, "notes": 0}
    recovery.recover(context, rollout(target="old", back_to="new", restores=saved.id))
    assert current(owner) == "0002"


def test_a_restore_whose_way_back_is_gone_is_not_taken_for_done(machine):
    with pytest.raises(Blocked, match=r"d-1 was cut off while it restored.*nowhere"):
        recovery.recover(machine("b"), rollout(restores="nowhere"))


def test_a_finished_restore_is_known_as_one_although_it_came_without_the_note(machine, owner):
    context = machine("a")
    old = platform_of(context).back_up("d-0")
    written(owner, "CREATE TABLE notes (); UPDATE alembic_version SET version_num = '0002'")
    found = Reversal(mode="restore", why="asked for", head="0001", backup=old.id)

    reverse.run(context, found)

    note = journal.read(place_of(machine("b")))
    assert current(owner) == "0001"
    assert note is not None and note == context.change
    assert (note.phase, note.backup, note.action) == ("changed", context.backup, "restore")


@pytest.mark.parametrize(
    ("left_over", "asked"),
    [
        (None, False),
        (rollout(back_to="same"), False),
        (rollout(back_to="old"), True),
        (rollout(), True),
        (rollout(target="unknown"), True),
    ],
    ids=["no rollout", "same schema", "another schema", "the first", "unknown"],
)
def test_a_database_that_cannot_be_asked_blocks_a_way_back_between_schemas_alone(
    machine, database, tmp_path, left_over, asked
):
    context = machine("b")
    releases = {"old": release("old", head="0001"), "same": release("same", head="0002")}
    context.live = DesiredState(releases=releases)
    context.database = {**database, "direct_host": str(tmp_path)}

    if asked:
        with pytest.raises(Blocked, match="refuses connections"):
            left.change(context, left_over)
    else:
        assert left.change(context, left_over) is None
