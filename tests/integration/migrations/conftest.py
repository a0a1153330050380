"""A real server, and a database of it for each test: the corpus' first revision with its rows."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


@contextmanager
def copied(server: Postgres) -> Iterator[dict[str, str]]:
    """Give a database with the rows of the first revision.

    It is dropped again: hundreds of them, a thousand files each, kept the disk busy for minutes.
    """
    name = f"corpus_{next(NUMBERS)}"
    database = sql.Identifier(name)
    with closing(server.connect()) as connection:
        connection.autocommit = True
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE seeded OWNER owner").format(database)
        )
        yield output(server, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


@pytest.fixture
def database(server: Postgres) -> Iterator[dict[str, str]]:
    with copied(server) as made:
        yield made


@pytest.fixture
def another(server: Postgres) -> Iterator[Roles]:
    """A copy to rehearse on."""
    with copied(server) as made:
        yield Roles.of(made)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder
