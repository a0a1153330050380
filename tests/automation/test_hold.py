"""Between machines: what one holds, another is refused; on a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from automation.context import Context
from automation.engine.care import Care
from automation.errors import Busy
from automation.hold import Hold, elsewhere
from automation.home import Home
from components.contract.settings import Settings
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.listener import Heard
from tests.doubles.postgres import PORT, Postgres

CLOUD = Settings(dns_platform="aws_route53")


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, str]]:
    with Postgres() as server:
        known = {"host": server.host, "port": str(PORT), "name": "postgres"}
        yield {**known, "owner": server.user, "owner_password": "", "sslmode": "disable"}


@pytest.fixture
def holds() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def opened(tmp_path, database, settings: Settings = CLOUD, heard: Heard | None = None) -> Context:
    """The context of a command on a machine of its own."""
    engine = FakeEngine(database=database)
    engine.care = Care(settings)
    context = Installation(Home(tmp_path / "home"), tmp_path, engine).open(heard)
    context.database = database
    return context


def hold(stack: ExitStack) -> Hold:
    return Hold("production", "slipway up production", stack)


def test_an_environment_with_a_part_elsewhere_is_held_between_machines(tmp_path, database, holds):
    first, second = opened(tmp_path / "a", database), opened(tmp_path / "b", database)
    one = hold(holds)

    one.extend(first)
    one.extend(first)
    told = elsewhere(second)

    assert told is not None
    assert told.startswith("slipway up by ")
    with pytest.raises(Busy, match="production is being deployed elsewhere: slipway up by "):
        hold(holds).extend(second)
    holds.close()
    assert elsewhere(second) is None


def test_one_of_this_machine_alone_asks_nobody(tmp_path, database, holds):
    context = opened(tmp_path, database, Settings())

    hold(holds).extend(context)

    assert elsewhere(opened(tmp_path / "b", database)) is None


def test_a_database_that_cannot_be_asked_closes_no_way_back(tmp_path, database, holds):
    heard = Heard()
    gone = {**database, "host": str(tmp_path)}

    hold(holds).extend(opened(tmp_path, gone, heard=heard))

    assert "held on this machine only: the database postgres at" in heard.notes[0]


def test_who_begins_beside_a_first_deployment_is_refused_when_that_is_there(tmp_path, holds):
    context = opened(tmp_path, None)
    one = hold(holds)
    one.first(context)

    engine = cast(FakeEngine, context.engine)
    engine.live, engine.created = context.live, True  # another machine was faster
    with pytest.raises(Busy, match="made by somebody else meanwhile"):
        one.first(context)
    context.touched = True
    one.first(context)
