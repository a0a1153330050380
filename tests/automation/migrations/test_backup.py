from dataclasses import replace

import pytest

from automation.errors import Blocked, DeploymentFailed
from automation.migrations import backup
from automation.migrations.revision import row_counts

pytestmark = pytest.mark.xdist_group("migrations")


def databases(admin) -> list[str]:
    with admin.connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    return [name for (name,) in rows]


@pytest.fixture
def saved(people, admin, tmp_path) -> backup.Backup:
    return backup.take(admin, tmp_path / "backups", "d-1")


def test_a_backup_restores_to_the_same_rows_in_a_copy_that_is_gone_afterwards(saved, admin, owner):
    with backup.restored(saved, admin, owner) as copy:
        assert copy.name != admin.name
        assert row_counts(copy) == {"alembic_version": 1, "people": 2}
        with copy.connect() as connection:
            connection.execute("DELETE FROM people")

    assert copy.name not in databases(admin)
    assert row_counts(owner)["people"] == 2


def test_a_backup_is_for_its_owner_only_and_named_after_the_deployment(saved):
    assert saved.path.stat().st_mode & 0o777 == 0o600
    assert saved.id == "d-1.dump"
    assert len(saved.sha256) == 64


def test_a_copy_is_dropped_also_where_the_rehearsal_fails(saved, admin, owner):
    with pytest.raises(ZeroDivisionError), backup.restored(saved, admin, owner) as copy:
        raise ZeroDivisionError

    assert copy.name not in databases(admin)


def test_a_backup_of_other_rows_than_there_were_is_refused(saved, admin, owner):
    lying = replace(saved, rows={**saved.rows, "people": 3, "notes": 1})

    with (
        pytest.raises(Blocked, match="people: 3 rows, restored 2") as refused,
        backup.restored(lying, admin, owner),
    ):
        pytest.fail("it was used")

    assert "notes: 1 rows, restored absent" in refused.value.message


@pytest.mark.parametrize("spoil", ["cut", "changed"])
def test_a_dump_that_was_tampered_with_is_refused_and_replaces_nothing(saved, admin, owner, spoil):
    content = saved.path.read_bytes()
    saved.path.write_bytes(content[:-100] if spoil == "cut" else content + b"\n")

    with (
        pytest.raises(Blocked, match="is not the one that was written"),
        backup.restored(saved, admin, owner),
    ):
        pytest.fail("it was used")
    with pytest.raises(DeploymentFailed, match="is not the one that was written"):
        backup.restore(saved, admin)
    assert row_counts(owner)["people"] == 2


def test_a_restore_puts_back_what_was_there_and_removes_what_came_after(saved, admin, owner):
    with owner.connect() as connection:
        connection.execute("CREATE TABLE notes (person int REFERENCES people (id))")
        connection.execute("DELETE FROM people WHERE id = 1")
        connection.execute("ALTER TABLE people ADD COLUMN born date")

    backup.restore(saved, admin)

    assert row_counts(owner) == saved.rows
    with owner.connect() as connection:
        assert connection.execute("SELECT * FROM people ORDER BY id").fetchall() == [
            (1, "ada"),
            (2, "grace"),
        ]


def test_a_database_that_is_not_there_cannot_be_backed_up(admin, tmp_path):
    with pytest.raises(Blocked, match=r"the database missing at .* refuses connections"):
        backup.take(admin.named("missing"), tmp_path, "d-1")
