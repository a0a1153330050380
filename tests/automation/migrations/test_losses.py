"""What a restore would lose, row by row, against a real server."""

import pytest

from automation.databases.base import Opening
from automation.databases.local import LocalDatabase
from automation.migrations import dropped, leftovers
from automation.migrations.losses import Loss, lost

pytestmark = pytest.mark.xdist_group("migrations")


def test_rows_are_counted_by_their_content_and_not_by_what_the_migration_added(
    database, people, owner, admin, tmp_path
):
    local = LocalDatabase(Opening(database, tmp_path / "backups"))
    saved = local.back_up("d-1")
    with owner.connect() as connection:
        connection.execute("ALTER TABLE people ADD COLUMN born date DEFAULT '2000-01-01'")
        connection.execute("CREATE TABLE notes (id int)")
        with local.copy(saved) as copy:
            assert lost(admin, copy.admin).tables == {}
        connection.execute("INSERT INTO people VALUES (3, 'linus'), (4, 'dennis')")
        connection.execute("UPDATE people SET name = 'ada lovelace' WHERE id = 1")
        connection.execute("DELETE FROM people WHERE id = 2")
        connection.execute("INSERT INTO notes VALUES (1)")

    with local.copy(saved) as copy:
        found = lost(admin, copy.admin)

    assert found.tables == {"notes": Loss(1, 0), "people": Loss(3, 2)}
    assert found.written == 4
    assert "people 3 written or changed since the backup" in found.told()


def test_what_a_downgrade_takes_along_is_counted_by_value(owner, people, admin):
    before = dropped.columns(admin)
    with owner.connect() as connection:
        connection.execute("ALTER TABLE people ADD COLUMN born date")
        connection.execute("UPDATE people SET born = '1815-12-10' WHERE id = 1")
    after = dropped.columns(admin)

    assert after - before == {("public", "people", "born")}
    found = dropped.between(after | {("public", "people", "name")}, admin, admin)
    assert found.columns == {}
    assert found.told() == "the downgrade takes no value along"


def test_what_was_not_there_before_is_dropped_whatever_it_is_and_nothing_else(owner, people, admin):
    before = leftovers.objects(admin)
    with owner.connect() as connection:
        for statement in (
            "CREATE TYPE mood AS ENUM ('fine')",
            "ALTER TABLE people ADD COLUMN mood mood",
            "CREATE INDEX later ON people (name)",
            "ALTER TABLE people ADD CONSTRAINT named CHECK (name <> '') NOT VALID",
            "CREATE SCHEMA side",
            "CREATE TABLE side.notes (id serial PRIMARY KEY, person int REFERENCES people (id))",
            "CREATE VIEW seen AS SELECT id FROM people",
            "CREATE FUNCTION one() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER told BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION one()",
            "CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)",
        ):
            connection.execute(statement)

    dropped_ = leftovers.remove(admin, before)

    assert leftovers.objects(admin) == before
    assert len(dropped_) >= 9
    with owner.connect() as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (2,)
