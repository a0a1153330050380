"""A stack that a preview borrows, on the real engine."""

import pytest

from automation.engine import deployed
from automation.engine.engine import Engine
from automation.engine.environment import EngineEnvironment

pytestmark = pytest.mark.integration
ROOT = "urn:pulumi:staging::slipway::pulumi:pulumi:Stack::slipway-staging"
OURS = "urn:pulumi:staging::slipway::slipway:index:Application::application"


@pytest.fixture
def environment(prepared) -> EngineEnvironment:
    return prepared("staging")


def test_it_is_gone_afterwards(environment: EngineEnvironment):
    engine = Engine(environment)

    with engine.borrowed():
        assert engine.outputs() == {}

    assert engine.outputs() is None


def test_one_that_somebody_deploys_to_meanwhile_stays(environment: EngineEnvironment):
    engine = Engine(environment)

    with engine.borrowed():
        state = deployed.exported(environment)
        assert state is not None
        state["deployment"]["resources"] = [
            {"urn": urn, "custom": False, "type": urn.split("::")[2]} for urn in (ROOT, OURS)
        ]
        deployed.imported(environment, state)

    assert [each.urn for each in deployed.resources(environment)] == [ROOT, OURS]


def test_one_that_somebody_is_about_to_deploy_to_stays(environment: EngineEnvironment):
    engine = Engine(environment)

    with engine.borrowed(unless=lambda: True):
        pass

    assert engine.outputs() == {}


def test_one_that_is_there_is_nobodys_to_remove(environment: EngineEnvironment):
    engine = Engine(environment)
    engine.create()

    with engine.borrowed():
        pass

    assert engine.outputs() == {}
