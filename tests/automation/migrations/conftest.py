"""A real server, an empty database of it for each test, and a tiny project with real Alembic."""

import itertools
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from automation.migrations.alembic import Alembic
from automation.migrations.connection import Target
from automation.migrations.plan import MigrationPlan, PlannedRevision
from automation.migrations.sql import Script
from automation.specification.marker import Marker
from automation.specification.models import Backend, Database, Migrations, Specification
from components.contract.release import Artifact
from components.contract.settings import Settings
from tests.doubles.postgres import PORT, Postgres

PROJECT = Path(__file__).parents[2] / "fixtures" / "migrations"
NUMBERS = itertools.count(1)
PASSWORD = "sentinel-database-password"
SPECIFICATION = Specification(
    name="tiny",
    backend=Backend(path=".", start="true"),
    database=Database(migrations=Migrations()),
)


def planned(*revisions: str) -> MigrationPlan:
    """A plan without findings: what lint and policy say of it is tested elsewhere."""
    now = tuple(
        PlannedRevision(
            id=one,
            message="",
            file="",
            marker=Marker(),
            irreversible_because="",
            upgrade=Script(),
            downgrade=Script(),
        )
        for one in revisions
    )
    head = revisions[-1] if revisions else None
    return MigrationPlan(
        at=("0001",),
        head=head,
        target=head,
        now=now,
        later=(),
        findings=(),
        settings=Settings(),
        downtime=False,
    )


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with Postgres() as server:
        with server.connect() as connection:
            connection.execute("CREATE ROLE owner LOGIN")
            connection.execute("CREATE ROLE app LOGIN")
        yield server


@pytest.fixture
def database(server) -> dict[str, str]:
    """The stack's output for a new, empty database that belongs to the schema's owner."""
    name = f"tiny_{next(NUMBERS)}"
    with server.connect() as connection:
        connection.autocommit = True
        statement = sql.SQL("CREATE DATABASE {} OWNER owner").format(sql.Identifier(name))
        connection.execute(statement)
    return {
        "host": server.host,
        "port": str(PORT),
        "name": name,
        "user": "app",
        "password": PASSWORD,
        "owner": "owner",
        "owner_password": PASSWORD,
        "admin": server.user,
        "admin_password": PASSWORD,
    }


@pytest.fixture
def owner(database) -> Target:
    return Target.owner(database)


@pytest.fixture
def admin(database) -> Target:
    return Target.admin(database)


@pytest.fixture
def people(owner) -> None:
    """Two rows of data at revision 0001, as Alembic would have left them."""
    with owner.connect() as connection:
        connection.execute("CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL)")
        connection.execute("INSERT INTO people VALUES (1, 'ada'), (2, 'grace')")
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")


@pytest.fixture
def artifact(tmp_path) -> Artifact:
    """A built backend with the project's sources, whose environment is the one of the tests."""
    folder = tmp_path / "artifact"
    shutil.copytree(PROJECT, folder / "source")
    (folder / "venv").symlink_to(sys.prefix)
    return Artifact(
        kind="python",
        digest="d",
        checksum="c",
        path=str(folder),
        working_directory="source",
        command=("true",),
        variables={
            "DB_HOST": "${database.host}",
            "DB_PORT": "${database.port}",
            "DB_NAME": "${database.name}",
            "DB_USER": "${database.user}",
            "DB_PASSWORD": "${database.password}",
        },
    )


@pytest.fixture
def revise(artifact):
    """Write the body of a revision's upgrade and downgrade."""

    def write(name: str, after: str, up: str, down: str = "pass") -> None:
        file = Path(artifact.path) / "source" / "alembic" / "versions" / f"{name}_more.py"
        file.write_text(
            f'"""More."""\nimport os\nfrom alembic import op\n'
            f"revision, down_revision = {name!r}, {after!r}\n"
            f"def upgrade():\n    {up}\ndef downgrade():\n    {down}\n"
        )

    return write


@pytest.fixture
def alembic(artifact, tmp_path) -> Alembic:
    return Alembic(
        artifact=artifact,
        specification=SPECIFICATION,
        values={},
        log=tmp_path / "migration.log",
        progress=lambda _line: None,
        cancelled=threading.Event(),
        clean=lambda text: text.replace(PASSWORD, "REDACTED"),
    )
