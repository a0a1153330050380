"""What is declared for staging and production, as their files in this repository say."""

from pathlib import Path

import pytest

from automation import settings
from automation.home import PROJECT
from automation.manifests.declared import Plan, declared
from automation.manifests.target import first
from automation.specification import loader

TODO = PROJECT / "examples" / "todo"


def plan(environment: str, root: Path = PROJECT) -> Plan:
    file = settings.load(environment, root)
    state = first(loader.load(TODO), file.settings, TODO)
    return declared(environment, file.settings, state, ["PAYMENT_KEY"])


@pytest.fixture(scope="session")
def staging() -> Plan:
    return plan("staging")


@pytest.fixture(scope="session")
def production() -> Plan:
    return plan("production")


@pytest.fixture(scope="session", params=["staging", "production"])
def either(request: pytest.FixtureRequest) -> Plan:
    found: Plan = request.getfixturevalue(request.param)
    return found
