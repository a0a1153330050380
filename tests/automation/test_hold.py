"""Between machines: what one holds, another is refused; on a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from automation.context import Context
from automation.declare import settle
from automation.engine.care import Care
from automation.errors import Busy, EngineFailed
from automation.hold import Hold, elsewhere
from automation.home import Home
from automation.migrations.connection import Target
from components.contract.desired import DesiredState, Freeze, Rollout
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


class Lost(BaseException):
    """Stands for the end of the process."""


def lose(other: str) -> None:
    raise Lost(other)


def hold(stack: ExitStack) -> Hold:
    return Hold("production", "slipway up production", stack, lost=lose)


def suspended(held: Context) -> None:
    """What the server does with who is not heard of for longer than the lease."""
    assert held.database is not None
    with Target.owner(held.database).connect(called="a test") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name LIKE 'slipway up %'"
        )


def under_way(deployment: str) -> DesiredState:
    rollout = Rollout(
        deployment=deployment,
        strategy="blue_green",
        step=1,
        steps=2,
        target="new",
        back_to_slots={},
        owner="ada",
    )
    return DesiredState(rollout=rollout)


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


@pytest.fixture
def halfway(tmp_path, database, holds) -> Context:
    """A deployment that has declared a step, holding the environment between machines."""
    context = opened(tmp_path, database)
    context.hold = hold(holds)
    settle(context, under_way("d-1"), "step 1")
    return context


def test_who_was_suspended_and_finds_all_as_it_was_goes_on(halfway):
    suspended(halfway)

    settle(halfway, under_way("d-1"), "step 2")

    assert halfway.engine.ups == 2


@pytest.mark.parametrize(
    "theirs",
    [
        DesiredState(),
        under_way("d-2"),
        DesiredState(freeze=Freeze(message="a sale", by="grace", since="2026-01-01")),
    ],
    ids=["undone", "another rollout", "frozen"],
)
def test_who_was_suspended_while_somebody_else_was_there_overwrites_nothing(halfway, theirs):
    suspended(halfway)
    halfway.engine.live = theirs

    with pytest.raises(Lost, match="through already"):
        settle(halfway, under_way("d-1"), "step 2")

    assert halfway.engine.live == theirs
    with pytest.raises(Lost):
        settle(halfway, DesiredState(), "going back")
    assert halfway.engine.live == theirs


def test_an_update_of_ones_own_that_was_cut_short_is_nobody_elses(halfway):
    def fails(number: int) -> None:
        raise EngineFailed("the network is gone")

    after = DesiredState(freeze=Freeze(message="mine", by="ada", since="2026-01-01"))
    halfway.engine.after = fails
    with pytest.raises(EngineFailed):
        settle(halfway, after, "step 2")
    assert halfway.engine.live == after
    halfway.engine.after = lambda _number: None
    suspended(halfway)

    settle(halfway, under_way("d-1"), "going back")

    assert halfway.engine.live == under_way("d-1")


def test_a_state_that_cannot_be_read_after_a_break_leaves_the_question_open(halfway):
    suspended(halfway)
    theirs, read = DesiredState(), halfway.engine.outputs
    halfway.engine.live = theirs

    def unread(**_: bool) -> None:
        raise EngineFailed("the state cannot be read")

    halfway.engine.outputs = unread
    with pytest.raises(EngineFailed):
        settle(halfway, under_way("d-1"), "step 2")
    halfway.engine.outputs = read

    with pytest.raises(Lost):
        settle(halfway, under_way("d-1"), "step 2")


def test_who_could_not_ask_the_database_at_first_looks_when_it_can(tmp_path, database, holds):
    context = opened(tmp_path, database)
    context.hold, context.database = hold(holds), {**database, "host": str(tmp_path)}
    context.hold.extend(context)
    context.database = database
    context.engine.live, context.engine.created = under_way("d-2"), True

    context.hold.extend(context)

    with pytest.raises(Lost):
        context.hold.confirm(context)
