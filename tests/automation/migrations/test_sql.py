"""SQL written down by the application's own Alembic, in a process of its own."""

import json
from pathlib import Path

import pytest

from automation.migrations.sql import split, written
from automation.specification.migrations import revisions
from tests.automation.migrations.conftest import SPECIFICATION


@pytest.fixture
def look(alembic, artifact):
    """Return the SQL of the revisions of the project's sources."""

    def look(*names: str):
        source = Path(artifact.path) / artifact.working_directory
        graph = revisions(source, SPECIFICATION.database.migrations)
        return written(alembic, [graph.revisions[name] for name in names])

    return look


def texts(script) -> list[str]:
    return [each.text for each in script.statements]


def test_the_sql_of_both_directions_is_known_without_a_database(look, revise):
    revise("0003", "0002", "op.create_index('i', 'people', ['name'])", "op.drop_index('i')")

    found = look("0002", "0003")

    assert texts(found["0003"].upgrade) == ["CREATE INDEX i ON people (name)"]
    assert texts(found["0003"].downgrade) == ["DROP INDEX i"]
    assert texts(found["0002"].downgrade) == ["DROP TABLE notes"]
    assert found["0003"].upgrade.transactional
    assert found["0003"].upgrade.problem == ""


def test_what_reads_the_database_is_not_known_before_it_runs_and_says_why(look, revise):
    revise("0003", "0002", "op.get_bind().exec_driver_sql('SELECT 1').fetchall()")
    revise("0004", "0003", "op.execute('CREATE TABLE t (id int)')", "raise NotImplementedError")

    found = look("0003", "0004")

    assert "Error" in found["0003"].upgrade.problem
    assert not found["0003"].upgrade.transactional
    assert texts(found["0004"].upgrade) == ["CREATE TABLE t (id int)"]
    assert "NotImplementedError" in found["0004"].downgrade.problem


def test_a_statement_knows_whether_it_is_in_a_transaction(look, revise):
    body = "with op.get_context().autocommit_block(): op.execute('VACUUM people')"
    revise(
        "0003", "0002", f"op.execute('SELECT 1; SELECT 2')\n    {body}\n    op.execute('SELECT 3')"
    )

    up = look("0003")["0003"].upgrade

    assert [(each.text, each.in_transaction) for each in up.statements] == [
        ("SELECT 1", True),
        ("SELECT 2", True),
        ("VACUUM people", False),
        ("SELECT 3", True),
    ]
    assert not up.transactional


def test_an_env_that_knows_offline_mode_is_used_with_its_options(look, revise, artifact):
    env = Path(artifact.path) / "source" / "alembic" / "env.py"
    env.write_text(
        "from alembic import context\nfrom sqlalchemy import MetaData\n"
        "names = MetaData(naming_convention={'ck': 'ck_%(table_name)s_%(constraint_name)s'})\n"
        "assert context.is_offline_mode()\n"
        "context.configure(dialect_name='postgresql', target_metadata=names)\n"
        "with context.begin_transaction():\n    context.run_migrations()\n"
    )
    revise("0003", "0002", "op.create_check_constraint('c', 'people', 'id > 0')")

    [text] = texts(look("0003")["0003"].upgrade)

    assert "ck_people_c" in text


def test_an_alembic_that_does_not_start_is_told_and_hurts_nobody(look, artifact):
    (Path(artifact.path) / "source" / "alembic.ini").write_text("[alembic]\n")

    problem = look("0002")["0002"].upgrade.problem

    assert "script_location" in problem


def test_nothing_is_asked_where_nothing_is_pending(alembic):
    assert written(alembic, []) == {}


def test_texts_are_cut_into_statements_as_postgresql_does():
    assert split("SELECT 1; DO $$ BEGIN; END $$; -- a remark; \nSELECT ';'") == (
        "SELECT 1",
        "DO $$ BEGIN; END $$",
        "SELECT ';'",
    )
    assert split("no SQL; at all;") == ("no SQL; at all",)
    assert split(" ; ") == ()
    assert json.dumps(split("")) == "[]"
