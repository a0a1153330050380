"""A real server, and a database of it for each test: the corpus' first revision with its rows."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from automation.databases import content
from automation.databases.base import Roles
from automation.databases.content import Content
from automation.migrations.catalogue import Catalogue, observe
from automation.migrations.connection import Target
from tests.doubles.alembic import AlembicHere
from tests.doubles.postgres import PORT, Postgres
from tests.fixtures.migrations.corpus.case import SEED, Case, write

NUMBERS = itertools.count(1)
PASSWORD = "sentinel-corpus-password"


def output(server: Postgres, name: str) -> dict[str, str]:
    """The stack's output for a database of the server."""
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


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres() as server:
        with server.connect() as connection:
            connection.autocommit = True
            connection.execute("CREATE ROLE owner LOGIN")
            connection.execute("CREATE ROLE app LOGIN")
            connection.execute("CREATE DATABASE seeded OWNER owner")
        seeded = Target.owner(output(server, "seeded"))
        empty = Case(name="the first revision", revisions=())
        AlembicHere(write(empty, tmp_path_factory.mktemp("seeded"))).upgrade(seeded)
        with seeded.connect() as connection:
            for statement in SEED.strip().split("\n"):
                connection.execute(statement)
            connection.execute("ANALYZE")
        yield server


@pytest.fixture(scope="session")
def catalogue(server: Postgres) -> Catalogue:
    """What the corpus' first revision looks like to the server."""
    return observe(Target.owner(output(server, "seeded")))


@pytest.fixture(scope="session")
def held(server: Postgres) -> Content:
    """What is in every database of the corpus before its migration."""
    return content.observe(Target.admin(output(server, "seeded")))


def copied(server: Postgres) -> dict[str, str]:
    """Make a database with the rows of the first revision."""
    name = f"corpus_{next(NUMBERS)}"
    with server.connect() as connection:
        connection.autocommit = True
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE seeded OWNER owner")
        connection.execute(statement.format(sql.Identifier(name)))
    return output(server, name)


@pytest.fixture
def database(server: Postgres) -> dict[str, str]:
    return copied(server)


@pytest.fixture
def another(server: Postgres) -> Roles:
    """A copy to rehearse on."""
    return Roles.of(copied(server))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder
