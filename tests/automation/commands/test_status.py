"""What `slipway status` sees while traffic is shared, and where one address stands for many."""

import pytest

from automation.commands.status import observe
from automation.commands.status_text import lines
from automation.home import Home
from components.contract.desired import DesiredState, Slot, Slots
from components.contract.release import Release
from tests.doubles.certificates import Authority
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation
from tests.doubles.releases import live, release
from tests.doubles.web import Reply

OLD, NEW = release("old", "backend"), release("new", "backend")


def shared(old: int, new: int) -> DesiredState:
    """A state in which both releases have replicas, and these weights."""
    slots = Slots(
        blue=Slot(release=OLD.id, replicas=1, weight=old),
        green=Slot(release=NEW.id, replicas=1, weight=new),
    )
    return live(OLD).model_copy(update={"releases": {"old": OLD, "new": NEW}, "backend": slots})


class OneAddress(FakeEngine):
    """Each slot has one URL, whatever the number of its replicas."""

    def _replicas(self, name, slot):
        return super()._replicas(name, slot)[:1]


class Answering(FakeEngine):
    """The public address is answered by this release."""

    by: Release = NEW

    def _answer(self, asked):
        reply = super()._answer(asked)
        return reply and Reply(reply.status, {}, {"x-slipway-release": self.by.id})


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "127.0.0.1").ca


def seen(tmp_path, engine: FakeEngine) -> dict:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    return observe(Installation(home, tmp_path, engine).open())


@pytest.mark.parametrize(
    ("old", "new", "healthy"), [(60, 40, True), (40, 60, True), (100, 0, False)]
)
def test_while_releases_share_the_traffic_each_of_them_may_answer(
    tmp_path, authority, old, new, healthy
):
    with Answering(shared(old, new), authority=authority) as engine:
        assert seen(tmp_path, engine)["healthy"] is healthy


def test_where_one_address_stands_for_all_replicas_they_are_not_counted(tmp_path, authority):
    with OneAddress(live(OLD, replicas=3), authority=authority) as engine:
        found = seen(tmp_path, engine)

    assert found["services"]["backend"]["blue"]["ready"] is None
    assert "100 %  old  answers, 3 replicas declared" in "\n".join(lines(found))


def test_where_each_replica_has_its_own_those_that_are_ready_are_counted(tmp_path, authority):
    with FakeEngine(live(OLD, replicas=3), authority=authority) as engine:
        found = seen(tmp_path, engine)

    assert "100 %  old  3 of 3 ready" in "\n".join(lines(found))
