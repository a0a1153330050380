"""What Alembic really executes, written down under the application's own Python."""

import json

import pytest

from automation.errors import DeploymentFailed
from automation.migrations import executed
from automation.migrations.revision import current
from automation.migrations.witness import MOST, Seen, plain

pytestmark = pytest.mark.xdist_group("migrations")

LOOP = """\
bind = op.get_bind()
    for (key,) in bind.exec_driver_sql("SELECT id FROM people").fetchall():
        bind.exec_driver_sql(f"UPDATE people SET name = 'it''s {key} %%' WHERE id = {key}")
        bind.exec_driver_sql("UPDATE people SET name = name WHERE id = %(key)s", {"key": key})
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY i ON people (name)")
"""


def test_it_writes_down_what_changes_something_without_values_and_in_order(
    alembic, owner, people, revise, tmp_path
):
    revise("0003", "0002", LOOP)

    alembic.upgrade(owner, "0002")
    alembic.upgrade(owner, "0003", tmp_path / "answer.json")

    assert current(owner) == "0003"
    found = executed.read(tmp_path / "answer.json", alembic.clean)
    assert [(each.text, each.in_transaction) for each in found.statements] == [
        ("UPDATE people SET name = 'it''s 1 %' WHERE id = 1", True),
        ("UPDATE people SET name = name WHERE id = $1", True),
        ("CREATE INDEX CONCURRENTLY i ON people (name)", False),
    ]
    assert found.problem == ""
    assert found.seconds is not None
    assert found.seconds >= 0


def test_it_says_what_was_executed_before_a_failure(alembic, owner, people, revise, tmp_path):
    revise("0003", "0002", "op.execute('DROP TABLE notes'); op.execute('no such thing')")
    alembic.upgrade(owner, "0002")

    with pytest.raises(DeploymentFailed):
        alembic.upgrade(owner, "0003", tmp_path / "answer.json")

    texts = [text for text, _ in json.loads((tmp_path / "answer.json").read_text())["statements"]]
    assert texts == ["DROP TABLE notes", "no such thing"]


def test_what_nobody_wrote_down_is_no_empty_answer(tmp_path):
    assert "nothing is known" in executed.read(tmp_path / "none.json", str).problem


def test_more_statements_than_can_be_looked_at_are_counted(tmp_path):
    seen = Seen()
    for number in range(MOST + 2):
        seen.take(f"DROP TABLE t{number}", in_transaction=True)
    seen.write(str(tmp_path / "answer.json"))

    found = executed.read(tmp_path / "answer.json", str)

    assert len(found.statements) == MOST
    assert found.problem == "2 more statements were executed that were not looked at"


@pytest.mark.parametrize(
    ("text", "style", "shown"),
    [
        ("SET a = %(x)s::VARCHAR, b = %(y)s", "pyformat", "SET a = $1::VARCHAR, b = $2"),
        ("a LIKE '50%%' AND b = %s", "format", "a LIKE '50%' AND b = $1"),
        ("a = $1", "numeric_dollar", "a = $1"),
    ],
)
def test_parameters_of_any_driver_are_shown_as_postgresql_marks_them(text, style, shown):
    assert plain(text, style) == shown
