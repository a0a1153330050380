"""What is written down of a change, in a folder or with the database itself."""

from dataclasses import replace

import pytest
from psycopg import sql

from automation.databases import content
from automation.databases.content import Table
from automation.errors import Blocked
from automation.migrations import journal, leftovers, remark
from automation.migrations.journal import Journal
from automation.migrations.returning import Before

pytestmark = pytest.mark.xdist_group("migrations")
NOTE = Journal(
    deployment="d-1",
    phase="changing",
    before=Before("0001", 'CREATE TABLE it\'s 100% "mine"\n\\n', frozenset({("table", "t")})),
    target="0002",
    maker="1.0.0-new",
    serving=None,
    tolerated=None,
    downgrade=True,
    lossy=False,
    backup="b-1",
    made={"people": Table(2, "99", ("id", "name"))},
)


@pytest.fixture(params=["folder", "database"])
def place(request, tmp_path, owner):
    return tmp_path if request.param == "folder" else owner


def comment(owner) -> str | None:
    with owner.connect() as connection:
        (text,) = connection.execute(remark.COMMENT).fetchone()
    return text


def test_what_was_written_last_is_read_until_it_is_forgotten(place):
    assert journal.read(place) is None
    NOTE.write(place)
    assert journal.read(place) == NOTE
    changed = replace(NOTE, phase="changed").write(place)
    assert journal.read(place) == changed
    journal.forget(place)
    assert journal.read(place) is None
    journal.forget(place)


def test_what_others_say_of_the_database_stays_as_it_is(owner):
    with owner.connect() as connection:
        statement = sql.SQL("COMMENT ON DATABASE {} IS 'ours: ask grace'")
        connection.execute(statement.format(sql.Identifier(owner.name)))
    assert journal.read(owner) is None

    NOTE.write(owner)
    NOTE.write(owner)

    assert (comment(owner) or "").startswith("ours: ask grace\nslipway: {")
    assert journal.read(owner) == NOTE
    journal.forget(owner)
    assert comment(owner) == "ours: ask grace"


def test_a_note_that_makes_no_sense_is_none(owner):
    remark.write(owner, "{")

    assert journal.read(owner) is None


def test_no_backup_copy_or_comparison_knows_of_it(owner, admin, people):
    before, objects = content.observe(admin), leftovers.objects(admin)

    NOTE.write(owner)

    assert (content.observe(admin), leftovers.objects(admin)) == (before, objects)


def test_a_database_that_cannot_be_asked_is_not_one_without_a_note(tmp_path, owner):
    with pytest.raises(Blocked, match="refuses connections"):
        journal.read(replace(owner, host=str(tmp_path)))
