"""The local database, with the real server."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from pulumi.runtime import rpc

from components.dynamic import programs, supervision
from components.dynamic.ports import allocate
from components.dynamic.postgres import ADMINISTRATOR, ClusterProvider, binary
from components.dynamic.postgres_database import DatabaseProvider
from components.dynamic.processes import ProcessesProvider

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("postgres")]

CLUSTER, DATABASE, PROCESSES = ClusterProvider(), DatabaseProvider(), ProcessesProvider()
GROUP = "database-server"
LOST = "sentinel-of-a-lost-state"


def server(run: Path, cluster: dict[str, Any]) -> dict[str, Any]:
    program = {
        "command": [binary("postgres"), "-D", cluster["directory"]],
        "unprivileged": True,
        "stop_signal": "INT",
    }
    return {"run": str(run), "group": GROUP, "programs": json.dumps({"postgres": program})}


@pytest.fixture(scope="module")
def cluster(run: Path) -> Iterator[dict[str, Any]]:
    """A server that runs on a data folder whose first password nobody knows any more."""
    port = allocate(["database"], {}, {}, str(run))["database"]
    props = {"directory": str(run.parent / "postgres"), "port": port, "password": LOST}
    CLUSTER.create(props)
    made = CLUSTER.create({**props, "password": "it's another"})
    started = PROCESSES.create(server(run, made.outs))
    yield made.outs
    PROCESSES.delete(started.id, started.outs)
    CLUSTER.delete(made.id, made.outs)
    CLUSTER.delete(made.id, made.outs)
    assert not Path(made.id).exists()


@pytest.fixture(scope="module")
def database(cluster: dict[str, Any]) -> dict[str, Any]:
    props = {
        "host": "127.0.0.1",
        "port": cluster["port"],
        "name": "app_test",
        "user": "app_test",
        "owner": "owner_test",
        "admin": ADMINISTRATOR,
        "admin_password": cluster["password"],
        "owner_password": "of the owner's",
        "password": "sentinel-of-the-application",
        "application_owns_schema": False,
    }
    made: dict[str, Any] = DATABASE.create(props).outs
    return made


def connect(database: dict[str, Any], role: str, name: str | None = None) -> psycopg.Connection:
    password = {"user": "password", "owner": "owner_password", "admin": "admin_password"}[role]
    return psycopg.connect(
        host=database["host"],
        port=int(database["port"]),
        user=database[role],
        password=database[password],
        dbname=name or database["name"],
        autocommit=True,
    )


@pytest.fixture(scope="module")
def notes(database: dict[str, Any]) -> dict[str, Any]:
    """A table that the owner makes after the application's role is there, as migrations do."""
    with connect(database, "owner") as connection:
        connection.execute("CREATE TABLE notes (id serial PRIMARY KEY, text text)")
    return database


def test_a_lost_password_is_replaced_where_data_is_adopted(cluster: dict[str, Any]) -> None:
    def login(password: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=cluster["port"],
            user=ADMINISTRATOR,
            dbname="postgres",
            password=password,
        )

    login(cluster["password"]).close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        login(LOST)


def test_the_data_of_a_running_server_is_not_adopted(cluster: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match=r"cannot be adopted: .*postmaster\.pid"):
        CLUSTER.create({**cluster, "password": LOST})


def test_what_is_no_cluster_is_not_adopted(tmp_path: Path, cluster: dict[str, Any]) -> None:
    broken = tmp_path / "postgres"
    shutil.copytree(cluster["directory"], broken, ignore=lambda *_: ["global", "postmaster.pid"])

    with pytest.raises(RuntimeError, match="move it away to start empty") as refused:
        CLUSTER.create({**cluster, "directory": str(broken), "password": LOST})

    assert LOST not in str(refused.value)


def test_the_application_reads_and_writes_what_the_owner_made(notes: dict[str, Any]) -> None:
    with connect(notes, "user") as connection:
        connection.execute("INSERT INTO notes (text) VALUES ('a'), ('b')")
        connection.execute("UPDATE notes SET text = 'c' WHERE text = 'a'")
        connection.execute("DELETE FROM notes WHERE text = 'b'")

        assert connection.execute("SELECT text FROM notes").fetchall() == [("c",)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE notes",
        "ALTER TABLE notes ADD COLUMN more text",
        "TRUNCATE notes",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "SELECT * FROM pg_authid",
        "COPY notes TO PROGRAM 'true'",
    ],
)
def test_the_application_can_do_nothing_else(notes: dict[str, Any], statement: str) -> None:
    with connect(notes, "user") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("role", ["user", "owner"])
@pytest.mark.parametrize("other", ["postgres", "template1"])
def test_no_role_connects_to_another_database(
    database: dict[str, Any], role: str, other: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(database, role, other)


def test_a_second_time_changes_nothing_but_the_passwords(notes: dict[str, Any]) -> None:
    again = {**notes, "password": "another"}
    assert DATABASE.diff("", notes, again).changes

    connect(DATABASE.update("", notes, again).outs, "user").close()
    connect(DATABASE.update("", again, notes).outs, "user").close()

    with connect(notes, "owner") as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone()
    assert not DATABASE.diff("", notes, notes).changes


def test_an_application_that_owns_its_schema_may_make_tables(notes: dict[str, Any]) -> None:
    owning = {**notes, "application_owns_schema": True}
    DATABASE.update("", notes, owning)
    with connect(notes, "user") as connection:
        connection.execute("CREATE TABLE mine (id int)")
        connection.execute("DROP TABLE mine")

    DATABASE.update("", owning, notes)

    with connect(notes, "user") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (id int)")


def test_passwords_are_in_no_log(
    run: Path, database: dict[str, Any], eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    def logs_everything() -> bool:
        with connect(database, "admin") as later:
            return later.execute("SHOW log_statement").fetchone() == ("all",)

    with connect(database, "admin") as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf()")
    eventually(logs_everything)
    DATABASE.update("", database, database)
    with connect(database, "admin") as connection:
        connection.execute("ALTER SYSTEM RESET log_statement")
        connection.execute("SELECT pg_reload_conf()")

    path = programs.log_path(run, "postgres")
    eventually(lambda: "RESET log_statement" in path.read_text())  # what came before is there too
    log = path.read_text()
    assert "ALTER ROLE" in log
    assert database["password"] not in log
    assert LOST not in log


def test_data_survives_a_restart(run: Path, cluster: dict[str, Any], notes: dict[str, Any]) -> None:
    with connect(notes, "user") as connection:
        connection.execute("INSERT INTO notes (text) VALUES ('kept')")
    before = supervision.process_infos(run)["postgres"]["pid"]

    old = {**server(run, cluster), "stopped": ["postgres"]}
    PROCESSES.update("", old, server(run, cluster))

    assert supervision.process_infos(run)["postgres"]["pid"] != before
    supervision.settle(lambda: DATABASE.read(notes["name"], notes).id != "", "it answers")
    with connect(notes, "user") as connection:
        assert ("kept",) in connection.execute("SELECT text FROM notes").fetchall()


def test_a_missing_database_is_seen_and_a_silent_server_tells_nothing(
    database: dict[str, Any],
) -> None:
    other = {**database, "name": "app_other"}
    made = DATABASE.create(other)
    assert DATABASE.read(made.id, made.outs).id == "app_other"

    DATABASE.delete(made.id, made.outs)

    assert DATABASE.read(made.id, made.outs).id == ""
    silent = {**other, "port": 1}
    assert DATABASE.read(made.id, silent).id == "app_other"
    DATABASE.delete(made.id, silent)


def test_a_missing_data_folder_is_seen(cluster: dict[str, Any], tmp_path: Path) -> None:
    identity = cluster["directory"]

    assert CLUSTER.read(identity, cluster).id == identity
    assert CLUSTER.read(str(tmp_path), cluster).id == ""


def test_unknown_inputs_in_a_preview_are_a_change_but_no_replacement() -> None:
    old = {"directory": "/d", "port": 1, "password": "p"}
    unknown = CLUSTER.diff("", old, {**old, "port": rpc.UNKNOWN, "password": rpc.UNKNOWN})

    assert (unknown.changes, unknown.replaces) == (True, [])
    assert CLUSTER.diff("", old, {**old, "directory": "/other"}).replaces == ["directory"]
    assert not CLUSTER.diff("", old, old).changes
