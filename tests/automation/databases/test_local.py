"""Backups of a real server: whole, compared, and back in place without losing what was there."""

import shutil
import threading

import pytest

from automation.databases import content, schema
from automation.databases.content import differences, observe
from automation.databases.local import LocalDatabase
from automation.errors import Blocked, DeploymentFailed

pytestmark = pytest.mark.xdist_group("migrations")


def databases(admin, name: str) -> list[str]:
    """The databases that belong to one of this name."""
    with admin.connect() as connection:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1"
        return [found for (found,) in connection.execute(query, (name,)).fetchall()]


def names(roles) -> list[str]:
    with roles.admin.connect() as connection:
        return [n for (n,) in connection.execute("SELECT name FROM people ORDER BY id").fetchall()]


@pytest.fixture
def saved(local, people):
    return local.back_up("d-1")


def test_a_backup_says_what_it_holds_and_is_found_again_by_its_id_and_by_its_deployment(
    local, saved, opening
):
    assert (saved.id, saved.platform, saved.revision) == ("d-1.dump", "local", "0001")
    assert saved.content.rows == {"alembic_version": 1, "people": 2}
    assert saved.seconds.keys() == {"backup", "verification"}
    assert (opening.folder / saved.id).stat().st_mode & 0o777 == 0o600
    another = LocalDatabase(opening)
    assert another.find("d-1") == another.find("d-1.dump") == saved
    assert another.find("d-2") is None


def test_the_backup_of_a_database_that_is_written_to_all_the_time_is_of_one_moment(
    local, owner, people
):
    stop = threading.Event()

    def write() -> None:
        with owner.connect() as connection:
            number = 10
            while not stop.is_set():
                number += 1
                connection.execute("INSERT INTO people VALUES (%s, 'busy')", (number,))
                connection.execute("UPDATE people SET name = name || '!' WHERE id = 1")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved = [local.back_up(f"d-{number}") for number in range(3)]
    finally:
        stop.set()
        writer.join()

    assert saved[0].content.rows["people"] < saved[2].content.rows["people"]


def test_a_copy_is_writable_by_the_application_and_gone_afterwards(local, saved, owner, admin):
    with local.copy(saved) as copy:
        assert names(copy) == ["ada", "grace"]
        with copy.owner.connect() as connection:
            connection.execute("DELETE FROM people")
        copy.application.connect().close()
    with local.copy(saved) as copy:
        assert names(copy) == ["ada", "grace"], "each copy is a new one"

    assert databases(admin, owner.name) == [owner.name]
    assert names(local.roles) == ["ada", "grace"]


def test_a_copy_is_removed_also_where_what_is_done_with_it_fails(local, saved, admin, owner):
    with pytest.raises(ZeroDivisionError), local.copy(saved):
        raise ZeroDivisionError

    assert databases(admin, owner.name) == [owner.name]


def test_a_restore_keeps_what_it_replaces_beside_it(local, saved, owner, admin):
    with owner.connect() as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('fine')")
        connection.execute("CREATE TABLE notes (person int REFERENCES people (id))")
        connection.execute("DELETE FROM people WHERE id = 1")
        connection.execute("INSERT INTO people VALUES (3, 'linus')")

    where = local.restore(saved, "d-1")

    assert differences(saved.content, observe(admin)) == []
    kept = f"{owner.name}_replaced_d-1"
    assert kept in where
    assert databases(admin, owner.name) == [owner.name, kept]
    with admin.named("postgres").connect() as connection:
        connection.execute(f'ALTER DATABASE "{kept}" ALLOW_CONNECTIONS true')
    assert names(local.roles.named(kept)) == ["grace", "linus"]


def test_a_restore_disconnects_whoever_is_connected_and_lets_them_in_again(local, saved, owner):
    held = owner.connect()
    held.execute("BEGIN")
    held.execute("LOCK TABLE people IN SHARE MODE")

    local.restore(saved, "d-1")

    held.close()
    assert names(local.roles) == ["ada", "grace"]


def test_a_restored_database_lets_in_whom_the_one_before_did(local, saved, admin, owner):
    def allowed() -> list[tuple[object, ...]]:
        with admin.connect() as connection:
            query = """
                SELECT datacl::text, (SELECT setconfig::text FROM pg_db_role_setting
                WHERE setdatabase = d.oid) FROM pg_database d WHERE datname = %s"""
            return connection.execute(query, (owner.name,)).fetchall()

    with admin.connect() as connection:
        connection.execute(f"REVOKE ALL ON DATABASE {owner.name} FROM PUBLIC")
        connection.execute(f"GRANT CONNECT ON DATABASE {owner.name} TO app")
        connection.execute(
            f'ALTER ROLE app IN DATABASE {owner.name} SET search_path = "$user", public'
        )
    before = allowed()

    local.restore(saved, "d-1")

    assert allowed() == before


@pytest.mark.parametrize("spoil", ["cut", "changed"])
def test_a_dump_that_was_tampered_with_is_refused_and_replaces_nothing(
    opening, saved, admin, spoil
):
    file = opening.folder / saved.id
    content_ = file.read_bytes()
    file.write_bytes(content_[:-100] if spoil == "cut" else content_ + b"\n")
    local = LocalDatabase(opening)

    with pytest.raises(Blocked, match="is not the one that was written"), local.copy(saved):
        pytest.fail("it was used")
    with pytest.raises(DeploymentFailed, match="is not the one that was written"):
        local.restore(saved, "d-1")
    assert content.row_counts(admin)["people"] == 2


def test_a_backup_that_there_is_no_room_for_is_not_begun(opening, people):
    local = LocalDatabase(opening, free=lambda _folder: 1 << 20)

    with pytest.raises(Blocked, match=r"not enough room for the backup: .* has 1 MiB"):
        local.back_up("d-1")

    assert list(opening.folder.iterdir()) == []


def test_what_a_killed_driver_left_is_cleared_away(local, saved, admin, owner, opening):
    shutil.copy(opening.folder / "d-1.dump", opening.folder / "d-2.dump")
    with admin.named("postgres").connect() as connection:
        for use in ("copy", "restored"):
            connection.execute(f"DROP DATABASE IF EXISTS {owner.name}_{use}")
            connection.execute(f"CREATE DATABASE {owner.name}_{use}")
        connection.execute(f"ALTER DATABASE {owner.name} ALLOW_CONNECTIONS false")

    local.mend()

    assert databases(admin.named("postgres"), owner.name) == [owner.name]
    assert sorted(path.name for path in opening.folder.iterdir()) == [
        "d-1.dump",
        "d-1.dump.json",
    ], "a dump that was never compared is none"
    assert names(local.roles) == ["ada", "grace"]


def test_the_oldest_backups_are_pruned_but_never_one_that_is_in_use(local, people, admin, owner):
    for number in range(1, 5):
        local.back_up(f"d-{number}")
    local.restore(local.find("d-2"), "d-2")
    local.restore(local.find("d-4"), "d-4_undone")

    assert local.prune(1, {"d-1.dump"}) == ["d-2.dump", "d-3.dump"]

    assert [n for n in range(1, 5) if local.find(f"d-{n}")] == [1, 4]
    assert databases(admin, owner.name) == [owner.name, f"{owner.name}_replaced_d-4_undone"]


def test_schemas_are_equal_where_only_the_order_of_columns_differs(local, saved, owner, admin):
    before = schema.dump(admin)
    with owner.connect() as connection:
        connection.execute("ALTER TABLE people DROP COLUMN name")
        assert "-    name text NOT NULL" in schema.difference(before, schema.dump(admin))
        connection.execute("ALTER TABLE people ADD COLUMN name text NOT NULL DEFAULT ''")
        connection.execute("ALTER TABLE people ALTER COLUMN name DROP DEFAULT")

    assert schema.difference(before, schema.dump(admin)) == ()
    assert differences(saved.content, observe(admin)) == ["people: as many rows, but not the same"]


def test_a_database_that_is_not_there_cannot_be_backed_up(opening):
    missing = LocalDatabase(type(opening)({**opening.database, "name": "missing"}, opening.folder))

    with pytest.raises(Blocked):
        missing.back_up("d-1")
