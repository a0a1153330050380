"""Real deployments of the example application, shared by the tests of one worker."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from automation.engine.environment import EngineEnvironment, prepare
from automation.events import Silent
from automation.home import PROJECT
from automation.toolchain import pulumi
from components.contract.outputs import HOME_VARIABLE
from tests.integration.driver import Ran, Slipway, copy_of, installation


@dataclass(frozen=True)
class Deployed:
    """A deployed environment: what deployed it, from which sources, and how that ended."""

    slipway: Slipway
    application: Path
    first: Ran
    environment: str = "development"


@pytest.fixture(scope="session", autouse=True)
def engine() -> Path:
    """The folder of the engine's programs: from PATH or the cache, or made now, once for all."""
    return pulumi.locate(lambda _line: None).bin


@pytest.fixture
def slipway() -> Iterator[Slipway]:
    """A fresh installation; whatever is deployed by it is destroyed, and seen to be gone."""
    with installation() as fresh:
        yield fresh


@pytest.fixture
def prepared(tmp_path, monkeypatch) -> Callable[[str], EngineEnvironment]:
    """Give the engine's surroundings for a stack, with its state in the test's folder."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    return lambda stack: prepare(stack, Silent())


@pytest.fixture(scope="session")
def todo() -> Iterator[Deployed]:
    """The reference application, deployed to `development`.

    Its tests change it and build on one another's leftovers only as far as each can bear: mark
    them `xdist_group("todo")`, so that one worker has one deployment.
    """
    with installation() as shared:
        application = copy_of(PROJECT / "examples" / "todo", shared.folder / "todo")
        first = shared("up", "development", "--app", application).ok()
        yield Deployed(shared, application, first)
