"""What every platform of the database promises the driver, on real PostgreSQL."""

import importlib
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from automation.databases import DATABASES, content
from automation.databases.base import DatabasePlatform, Opening
from automation.migrations.connection import Target
from automation.migrations.revision import current
from tests.doubles.neon.deployed import deployed
from tests.doubles.neon.fake import FakeNeon
from tests.doubles.postgres import PORT, Postgres

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("databases")]

PASSWORD = "sentinel-password-of-nobody"
NUMBERS = itertools.count(1)


@dataclass
class Place:
    """A database with two people in it. `held` lists what the platform keeps beside it."""

    platform: str
    output: dict[str, str]
    folder: Path
    held: Callable[[], list[str]]
    close: Callable[[], None] = lambda: None
    said: list[str] = field(default_factory=list)

    def open(self) -> DatabasePlatform:
        """Open the platform as another process would."""
        module, _, attribute = DATABASES[self.platform].partition(":")
        opening = Opening(self.output, self.folder, self.said.append)
        made: DatabasePlatform = getattr(importlib.import_module(module), attribute)(opening)
        return made

    @property
    def owner(self) -> Target:
        return Target.owner(self.output)

    def run(self, *statements: str) -> None:
        with self.owner.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def people(self) -> list[str]:
        with Target.application(self.output).connect() as connection:
            found = connection.execute("SELECT name FROM people ORDER BY id").fetchall()
        return [name for (name,) in found]


PEOPLE = (
    "CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL)",
    "INSERT INTO people (name) VALUES ('ada'), ('grace')",
    "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('0001')",
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        with server.connect() as connection:
            connection.execute("CREATE ROLE owner LOGIN")
            connection.execute("CREATE ROLE app LOGIN")
        yield server


@pytest.fixture(scope="module")
def neon() -> Iterator[FakeNeon]:
    with FakeNeon(seconds=0.02) as fake, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEON_API_KEY", fake.key)
        patch.setenv("NEON_API_URL", fake.url)
        yield fake


def local_place(server: Postgres, folder: Path) -> Place:
    name = f"app_{next(NUMBERS)}"
    with server.connect() as connection:
        connection.autocommit = True
        made = sql.SQL("CREATE DATABASE {} OWNER owner").format(sql.Identifier(name))
        connection.execute(made)
    output = {
        "host": server.host,
        "port": str(PORT),
        "name": name,
        "user": "app",
        "owner": "owner",
        "admin": server.user,
        **dict.fromkeys(("password", "owner_password", "admin_password"), PASSWORD),
    }

    def held() -> list[str]:
        with server.connect() as connection:
            query = "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname <> %s"
            found = connection.execute(query, (f"{name}_%", name)).fetchall()
        return [str(each) for (each,) in found]

    place = Place("local", output, folder, held)
    rows = "GRANT SELECT, INSERT ON TABLES TO app"
    place.run(
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public {rows}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO app",
    )
    return place


def neon_place(neon: FakeNeon, folder: Path) -> Place:
    output = deployed(f"contract-{next(NUMBERS)}")
    project = neon.service.projects[output["neon_project"]]

    def held() -> list[str]:
        return [branch.name for branch in project.branches.values() if not branch.default]

    return Place("neon", output, folder, held, lambda: neon.remove(output["neon_project"]))


@pytest.fixture(params=sorted(DATABASES))
def place(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres, neon: FakeNeon
) -> Iterator[Place]:
    makers = {"local": (local_place, postgres), "neon": (neon_place, neon)}
    make, server = makers[request.param]  # a new platform needs a place here
    made = make(server, tmp_path / "backups")  # type: ignore[operator]
    made.run(*PEOPLE)
    yield made
    made.close()
    told = "\n".join(made.said)
    for key in ("password", "owner_password", "admin_password"):
        assert made.output[key] not in told


def test_a_backup_is_what_the_database_held(place: Place) -> None:
    platform = place.open()

    saved = platform.back_up("20300101-a")

    assert saved.platform == platform.name == place.platform
    assert saved.content.rows == {"people": 2, "alembic_version": 1}
    assert (saved.revision, saved.at[:2]) == ("0001", "20")
    assert content.differences(saved.content, content.observe(platform.roles.admin)) == []
    assert PASSWORD not in repr(saved)


def test_a_backup_is_found_by_its_id_and_by_its_deployment(place: Place) -> None:
    saved = place.open().back_up("20300101-a")

    other = place.open()

    for name in (saved.id, "20300101-a"):
        found = other.find(name)
        assert found is not None
        assert (found.id, found.revision, found.content) == (
            saved.id,
            saved.revision,
            saved.content,
        )
    assert other.find("20300101-b") is None


def test_a_busy_database_is_backed_up(place: Place) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        with Target.application(place.output).connect() as connection:
            while not stop.wait(0.005):
                connection.execute("INSERT INTO people (name) VALUES ('guest')")
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved = place.open().back_up("20300101-a")
    finally:
        stop.set()
        writer.join()

    assert len(written) > 1
    assert 2 <= saved.content.rows["people"] <= 2 + len(written)


def test_a_copy_is_the_backup_and_whatever_is_done_to_it_stays_there(place: Place) -> None:
    platform = place.open()
    saved = platform.back_up("20300101-a")
    place.run("INSERT INTO people (name) VALUES ('later')")
    before = place.held()

    with platform.copy(saved) as copy:
        assert content.differences(saved.content, content.observe(copy.admin)) == []
        with copy.owner.connect() as connection:
            connection.execute("ALTER TABLE people ADD COLUMN age int")
        with copy.application.connect() as connection:
            connection.execute("INSERT INTO people (name) VALUES ('guest')")

    assert place.people() == ["ada", "grace", "later"]
    assert set(place.held()) <= set(before)
    with platform.copy(saved) as copy:
        assert content.observe(copy.admin) == saved.content


def test_a_restore_brings_back_all_of_it_and_keeps_what_it_replaces(place: Place) -> None:
    platform = place.open()
    saved = platform.back_up("20300101-a")
    place.run(
        "INSERT INTO people (name) VALUES ('later')",
        "ALTER TABLE people ADD COLUMN age int",
        "CREATE TABLE more (id int)",
        "UPDATE alembic_version SET version_num = '0002'",
    )

    where = place.open().restore(saved, "20300101-b")

    assert "20300101-b" in where
    # by the same output: nobody has to be told another address
    assert place.people() == ["ada", "grace"]
    assert current(place.owner) == "0001"
    assert content.differences(saved.content, content.observe(platform.roles.admin)) == []
    assert any("20300101-b" in name for name in place.held())


def test_who_writes_while_it_is_restored_comes_back_to_the_same_address(place: Place) -> None:
    platform = place.open()
    saved = platform.back_up("20300101-a")
    held = Target.application(place.output).connect()

    platform.restore(saved, "20300101-b")

    with pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")
    assert place.people() == ["ada", "grace"]


def test_a_second_backup_of_that_name_takes_the_place_of_the_first(place: Place) -> None:
    platform = place.open()
    platform.back_up("20300101-a")
    place.run("INSERT INTO people (name) VALUES ('later')")

    saved = platform.back_up("20300101-a")

    assert saved.content.rows["people"] == 3
    found = place.open().find("20300101-a")
    assert found is not None
    assert found.content.rows["people"] == 3


def test_what_a_killed_command_left_is_removed_and_backups_stay(place: Place) -> None:
    platform = place.open()
    saved = platform.back_up("20300101-a")
    before = set(place.held())
    abandoned = platform.copy(saved)
    abandoned.__enter__()  # its process is gone before it comes to its end
    assert set(place.held()) > before or place.platform == "local"

    for _ in range(2):
        place.open().mend()

    kept = {name for name in before if not name.endswith("_copy")}
    assert set(place.held()) == kept
    assert place.people() == ["ada", "grace"]
    assert place.open().find(saved.id) is not None


def test_the_newest_backups_are_kept_and_those_in_use(place: Place) -> None:
    platform = place.open()
    saved = [platform.back_up(f"2030010{day}-a").id for day in range(1, 5)]

    gone = place.open().prune(2, {saved[0]})

    assert gone == [saved[1]]
    assert [place.open().find(id_) is not None for id_ in saved] == [True, False, True, True]
    assert place.open().prune(2, {saved[0]}) == []


def test_what_a_restore_put_aside_goes_with_the_backup_of_its_deployment(place: Place) -> None:
    platform = place.open()
    first, second = platform.back_up("20300101-a"), platform.back_up("20300102-a")
    platform.restore(second, "20300102-a")

    assert platform.prune(1, ()) == [first.id]
    assert any("replaced" in name for name in place.held())
