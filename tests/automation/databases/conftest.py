"""The server and the databases of the migrations' tests, and a platform opened on one."""

import pytest

from automation.databases.base import Opening
from automation.databases.local import LocalDatabase
from tests.automation.migrations.conftest import (  # noqa: F401
    admin,
    database,
    owner,
    people,
    server,
)


@pytest.fixture
def opening(database, tmp_path) -> Opening:  # noqa: F811
    return Opening(database, tmp_path / "backups")


@pytest.fixture
def local(opening) -> LocalDatabase:
    return LocalDatabase(opening)
