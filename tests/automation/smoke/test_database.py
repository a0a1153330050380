"""Queries look into a real database, cannot change it, and never become part of the SQL."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from automation.migrations.connection import Target
from automation.smoke.database import ReadOnlyDatabase
from automation.smoke.query import QueryFailed, comparable
from automation.smoke.results import FlowResult
from tests.doubles.postgres import PORT, Postgres

Run = Callable[..., FlowResult]

TABLE = """
create type mood as enum ('fine', 'bad');
create table task (
  id uuid primary key default gen_random_uuid(),
  title text, done bool default false, mood mood default 'fine', cost numeric default 2.50,
  added timestamptz default '2026-01-02 03:04:05Z'
);
insert into task (title) values ('milk'), ('100% rye'), ('it''s');
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with Postgres() as running:
        with running.connect() as connection:
            connection.execute(TABLE)
        yield running


@pytest.fixture
def database(server: Postgres) -> ReadOnlyDatabase:
    return ReadOnlyDatabase(Target(server.host, PORT, "postgres", server.user, "s3cr3t-password"))


def test_a_flow_sees_that_data_is_really_stored(run: Run, database: ReadOnlyDatabase) -> None:
    result = run(
        """
  - query: select title, done, mood, cost, added from task where title = 'milk'
    rows: [[milk, false, fine, 2.5, "2026-01-02T03:04:05+00:00"]]
  - query: select count(*) from task where title like '%' || ${alice.email}
    rows: [[0]]
  - query: select '${unique}', ${unique} = '${unique}', title from task where title like '100\\%%'
    rows: [["${unique}", true, "100% rye"]]
""",
        query=database,
    )

    assert result.error_message is None


def test_a_row_that_differs_is_shown(run: Run, database: ReadOnlyDatabase) -> None:
    result = run("[{query: 'select count(*) from task', rows: [[4]]}]", query=database)

    assert result.error_message == (
        "step 3, query select count(*) from task: expected rows [[4]], got [[3]]"
    )


def test_values_are_parameters_and_never_sql(run: Run, database: ReadOnlyDatabase) -> None:
    steps = """
  - request: POST /api/tasks
    headers: {authorization: "Bearer ${token}"}
    json: {title: "x'; drop table task; --"}
    expect: {status: 201}
    extract: {title: title}
  - query: select count(*) from task where title = '${title}' or title = ${title}
    rows: [[0]]
"""
    assert run(steps, query=database).error_message is None
    assert database("select count(*) from task", ()) == [(3,)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("delete from task", "read-only transaction"),
        ("select 1; delete from task", "multiple commands"),
        ("commit; delete from task", "multiple commands"),
        ("with gone as (delete from task returning 1) select * from gone", "read-only"),
        ("create table other ()", "read-only transaction"),
        ("selec 1", "syntax error"),
    ],
)
def test_nothing_can_be_changed(database: ReadOnlyDatabase, sql: str, said: str) -> None:
    with pytest.raises(QueryFailed, match=said):
        database(sql, ())

    assert database("select count(*) from task", ()) == [(3,)]


def test_a_query_ends_at_its_deadline(database: ReadOnlyDatabase) -> None:
    with pytest.raises(QueryFailed, match="statement timeout"):
        replace(database, seconds=1)("select pg_sleep(60)", ())


def test_a_database_that_cannot_be_reached_fails_the_step_without_the_password(
    run: Run, tmp_path: Path
) -> None:
    away = ReadOnlyDatabase(Target(str(tmp_path), 1, "shop", "shop", "s3cr3t-password"))

    message = run("[{query: select 1, rows: [[1]]}]", query=away).error_message or ""

    assert "the query failed: connection" in message
    assert "s3cr3t" not in message + repr(away)


def test_a_platform_that_asks_for_encryption_is_never_asked_without_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        answers = threading.Thread(target=_refuses_encryption, args=(plain,))
        answers.start()
        role = Target(*plain.getsockname(), "shop", "shop", "s3cr3t-password", "require")

        with pytest.raises(QueryFailed, match="does not support SSL, but SSL was required"):
            ReadOnlyDatabase(role)("select 1", ())
        answers.join()


def _refuses_encryption(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(8)
        connection.sendall(b"N")
        connection.recv(1)  # until the client hangs up


def test_without_a_database_a_flow_that_needs_one_is_skipped(run: Run) -> None:
    result = run("[{query: select 1, rows: [[1]]}]")

    assert result.status == "skipped"
    assert result.error_message == ("it queries the database, and no connection to one was given")


def test_values_are_compared_as_a_specification_writes_them(database: ReadOnlyDatabase) -> None:
    sql = "select array[1, 2], '\\x00ff'::bytea, 3.00::numeric, null, id from task limit 1"

    ((array, raw, number, nothing, id_),) = comparable(database(sql, ()))

    assert (array, raw, number, nothing) == ([1, 2], "00ff", 3, None)
    assert isinstance(id_, str)
